"""Batch normalisation by TensorFlow's fused kernel, for as long as a model trains."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
from typing_extensions import override

IMAGE_RANK = 4
# What the fused kernel takes at least; it silently raises what is less.
SMALLEST_EPSILON = 1.001e-5


@contextmanager
def fused_normalization(model: keras.Model) -> Iterator[None]:
    """Let the batch normalisations of `model` use the fused kernel in the training inside.

    Keras computes mean, variance and output in a dozen operations, each of which goes through all
    of the memory; TensorFlow has one kernel for them. What that is worth for the custom CNN prints
    `benchmarks/training_speed.py`. The values are the same within rounding.
    Layers are only lent the kernel: a saved model knows Keras's own class.

    Args:
        model: A model whose layers are its own, not those of a model inside it.
    """
    fused = [layer for layer in model.layers if _can_be_fused(layer)]
    for layer in fused:
        layer.__class__ = _FusedBatchNormalization
    try:
        yield
    finally:
        for layer in fused:
            layer.__class__ = keras.layers.BatchNormalization


class _FusedBatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]  # Keras has no types
    @override
    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        if not training or not self.trainable or mask is not None:
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs, self.gamma, self.beta, epsilon=self.epsilon, is_training=True
        )
        # The kernel gives the unbiased variance, Keras keeps the biased one.
        values = tf.size(inputs) // tf.shape(inputs)[-1]
        variance *= tf.cast((values - 1) / values, variance.dtype)
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + batch * (1.0 - self.momentum))
        return outputs


def _can_be_fused(layer: Any) -> bool:
    return (
        keras.backend.backend() == "tensorflow"
        and type(layer) is keras.layers.BatchNormalization
        and layer.axis in {-1, IMAGE_RANK - 1}
        and layer.input_spec.ndim == IMAGE_RANK
        and layer.compute_dtype != "float64"
        and layer.epsilon >= SMALLEST_EPSILON
        and layer.scale
        and layer.center
        and not layer.synchronized
        and not layer.renorm
    )
