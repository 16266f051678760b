"""Batch normalisation by TensorFlow's fused kernel, for as long as a model trains."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import keras

IMAGE_RANK = 4
# What the fused kernel takes at least; it silently raises what is less.
SMALLEST_EPSILON = 1.001e-5


@contextmanager
def fused_normalization(model: keras.Model) -> Iterator[None]:
    """Let the batch normalisations of `model` use the fused kernel in the training inside.

    Keras computes mean, variance and output in a dozen operations, each of which goes through all
    of the memory; TensorFlow has one kernel for them. What that is worth for the custom CNN prints
    `benchmarks/training_speed.py`. The values are the same within rounding.
    Layers are only lent the kernel and keep their class, so that a file that a callback saves in
    the middle of training needs nothing but Keras. Within another `fused_normalization` nothing
    changes.

    Args:
        model: A model whose layers are its own, not those of a model inside it.
    """
    fused = [layer for layer in model.layers if _can_be_fused(layer)]
    try:
        for layer in fused:
            # Not by assignment, which Keras and TensorFlow watch for what is to be saved.
            vars(layer)["call"] = partial(_call, layer)
        yield
    finally:
        for layer in fused:
            vars(layer).pop("call", None)


def _call(layer: Any, inputs: Any, *, training: bool | None = None, mask: Any = None) -> Any:
    """Stand in for `keras.layers.BatchNormalization.call`."""
    if not training or not layer.trainable or mask is not None:
        return type(layer).call(layer, inputs, training=training, mask=mask)
    import tensorflow as tf

    outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
        inputs, layer.gamma, layer.beta, epsilon=layer.epsilon, is_training=True
    )
    # The kernel gives the unbiased variance, Keras keeps the biased one.
    values = tf.size(inputs) // tf.shape(inputs)[-1]
    variance *= tf.cast((values - 1) / values, variance.dtype)
    for moving, batch in ((layer.moving_mean, mean), (layer.moving_variance, variance)):
        moving.assign(moving * layer.momentum + batch * (1.0 - layer.momentum))
    return outputs


def _can_be_fused(layer: Any) -> bool:
    return (
        keras.backend.backend() == "tensorflow"
        and type(layer) is keras.layers.BatchNormalization
        and "call" not in vars(layer)  # lent already
        and layer.axis in {-1, IMAGE_RANK - 1}
        and layer.input_spec.ndim == IMAGE_RANK
        and layer.compute_dtype != "float64"
        and layer.epsilon >= SMALLEST_EPSILON
        and layer.scale
        and layer.center
        and not layer.synchronized
        and not layer.renorm
    )
