"""Arrays of a PyTorch network in the layers of Keras: other names, and axes in another order."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from keras import layers

from imgclass.models.torch_file import Arrays

# PyTorch: filters, channels, height, width. Keras: height, width, channels, filters.
_CONVOLUTION = (2, 3, 1, 0)
# PyTorch: channels, 1, height, width. Keras: height, width, channels, 1.
_DEPTHWISE = (2, 3, 0, 1)
_DENSE = (1, 0)
_NORMALIZATION = ("weight", "bias", "running_mean", "running_var")


def take_over(network: Any, arrays: Arrays, names: Mapping[str, str]) -> None:
    """Set every layer of a network that has weights to the arrays of a PyTorch module.

    Args:
        network: A Keras model of convolutions, batch normalisations and dense layers.
        arrays: What `read_torch_file` returned.
        names: The PyTorch module of each layer, by the layer's name.

    Raises:
        ValueError: An array is missing or has another shape; the message names it.
    """
    for layer in network.layers:
        if layer.weights:
            layer.set_weights(list(_fitting(layer, arrays, names[layer.name])))


def _fitting(layer: Any, arrays: Arrays, module: str) -> list[npt.NDArray[Any]]:
    parts, axes = _layout(layer)
    fitting = []
    for part, variable in zip(parts, layer.weights, strict=True):
        name = f"{module}.{part}"
        if name not in arrays:
            raise ValueError(f"It has no array {name}.")
        array = arrays[name]
        is_kernel = part == "weight" and array.ndim == len(axes)
        array = array.transpose(axes) if is_kernel else array
        if array.shape != tuple(variable.shape):
            raise ValueError(
                f"Expected its array {name} to have, in Keras's order, the shape "
                f"{tuple(variable.shape)}; received {array.shape}."
            )
        fitting.append(np.ascontiguousarray(array))
    return fitting


def _layout(layer: Any) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the names of a layer's arrays in Keras's order, and the order of a kernel's axes."""
    if isinstance(layer, layers.BatchNormalization):
        return _NORMALIZATION, ()
    axes = {layers.DepthwiseConv2D: _DEPTHWISE, layers.Conv2D: _CONVOLUTION, layers.Dense: _DENSE}
    return ("weight", "bias") if layer.use_bias else ("weight",), axes[type(layer)]
