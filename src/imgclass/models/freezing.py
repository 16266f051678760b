"""A network's layers, frozen, or trained under an L2 penalty."""

from typing import Any

import keras

from imgclass.models.spec import ModelSpec

# Regularizers of a layer, and names of their kernels.
KERNELS = {
    "kernel_regularizer": ("kernel",),
    "depthwise_regularizer": ("depthwise_kernel", "kernel"),
    "pointwise_regularizer": ("pointwise_kernel",),
}


def set_training(network: Any, *, spec: ModelSpec) -> None:
    """Freeze a network's layers, or let them learn; `spec` has `trainable` and `l2`."""
    is_trained = spec.trainable is not False
    for layer in network.layers:
        layer.trainable = is_trained
        if is_trained and spec.l2:
            _regularize(layer, keras.regularizers.L2(spec.l2))


def _regularize(layer: Any, penalty: Any) -> None:
    """Set a built layer's penalty on the layer, which saves it, and on its variable."""
    for regularizer, names in KERNELS.items():
        if hasattr(layer, regularizer):
            setattr(layer, regularizer, penalty)
            kernel = next(name for name in names if hasattr(layer, name))
            getattr(layer, kernel).regularizer = penalty
