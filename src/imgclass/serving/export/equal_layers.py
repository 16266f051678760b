"""Layers that tf2onnx cannot convert, replaced by others that compute the same."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt


def with_convertible_layers(model: Any) -> Any:
    """Return a flat model that computes the same, of layers that tf2onnx can convert.

    - Keras has TensorFlow compile a convolution of one group for each channel by itself, which ONNX
      has no word for. It is a depthwise one; ConvNeXt consists of them.
    - A `Normalization` holds what it computes with in tensors, which would become inputs of the
      ONNX file. It is a `Rescaling`; EfficientNet begins with one.

    Args:
        model: A `keras.Model`. It is returned as it is if there is nothing to replace.
    """
    import keras

    if not any(_is_depthwise(layer) or _is_rescaling(layer) for layer in model.layers):
        return model
    clone = keras.models.clone_model(model, clone_function=_equal)
    for layer, copy in zip(model.layers, clone.layers, strict=True):
        copy.set_weights(list(_weights(layer)))
    return clone


def _is_depthwise(layer: Any) -> bool:
    import keras

    return (
        type(layer) is keras.layers.Conv2D
        and layer.groups > 1
        and layer.groups == layer.filters == layer.input.shape[-1]
    )


def _is_rescaling(layer: Any) -> bool:
    import keras

    return (
        type(layer) is keras.layers.Normalization
        and layer.mean is not None
        and not layer.invert
        and layer.axis in {(-1,), (len(layer.input.shape) - 1,)}
    )


def _equal(layer: Any) -> Any:
    """Return a new layer, or operation, that computes what this one does."""
    import keras

    config = layer.get_config()
    if not (_is_depthwise(layer) or _is_rescaling(layer)):
        return type(layer).from_config(config)
    common = {name: config[name] for name in ("name", "dtype")}
    if _is_depthwise(layer):
        same = ("kernel_size", "strides", "padding", "dilation_rate", "use_bias", "activation")
        return keras.layers.DepthwiseConv2D(**common, **{name: config[name] for name in same})
    mean, variance = (
        np.ravel(keras.ops.convert_to_numpy(part)) for part in (layer.mean, layer.variance)
    )
    scale = 1 / np.maximum(np.sqrt(variance), keras.config.epsilon())
    return keras.layers.Rescaling(scale.tolist(), (-mean * scale).tolist(), **common)


def _weights(layer: Any) -> Iterator[npt.NDArray[Any]]:
    """Yield a layer's weights as the one that replaces it has them."""
    kept = [] if _is_rescaling(layer) else layer.get_weights()
    if _is_depthwise(layer):  # the last two sides of its kernel are (channels, 1)
        yield np.swapaxes(kept.pop(0), 2, 3)
    yield from kept
