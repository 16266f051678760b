"""Batch normalisation with TensorFlow's fused kernel while a model trains."""

from contextlib import AbstractContextManager
from typing import Any

import keras

from imgclass.training.stand_ins import standing_in

IMAGE_RANK = 4
# The fused kernel silently replaces a smaller epsilon by this.
SMALLEST_EPSILON = 1.001e-5


def fused_normalization(model: keras.Model) -> AbstractContextManager[None]:
    """Make the batch normalisations of `model`, not of models inside it, use the fused kernel.

    Keras takes a dozen operations, each over all values; the kernel gives the same within rounding.
    `benchmarks/training_speed.py` prints the gain.
    """
    return standing_in(_call, "call", filter(_can_be_fused, model.layers))


def _call(layer: Any, inputs: Any, *, training: bool | None = None, mask: Any = None) -> Any:
    """Stand in for `keras.layers.BatchNormalization.call`."""
    if not training or not layer.trainable or mask is not None:
        return type(layer).call(layer, inputs, training=training, mask=mask)
    import tensorflow as tf

    outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
        inputs, layer.gamma, layer.beta, epsilon=layer.epsilon, is_training=True
    )
    # The kernel returns the unbiased variance; Keras keeps the biased one.
    values = tf.size(inputs) // tf.shape(inputs)[-1]
    variance *= tf.cast((values - 1) / values, variance.dtype)
    for moving, batch in ((layer.moving_mean, mean), (layer.moving_variance, variance)):
        moving.assign(moving * layer.momentum + batch * (1.0 - layer.momentum))
    return outputs


def _can_be_fused(layer: Any) -> bool:
    return (
        keras.backend.backend() == "tensorflow"
        and type(layer) is keras.layers.BatchNormalization
        and layer.axis in {-1, IMAGE_RANK - 1}
        and layer.input_spec.ndim == IMAGE_RANK
        and layer.variable_dtype == "float32"
        and layer.epsilon >= SMALLEST_EPSILON
        and layer.scale
        and layer.center
        and not layer.synchronized
        and not layer.renorm
    )
