"""Convolutions of small feature maps, computed on several images that are packed side by side.

In bfloat16, the processor's matrix unit (AMX) takes 32 pixels of a row at once for the gradient by
the filters, and 16 for the convolution itself. A row of a small feature map has fewer. With several
images in one row, columns of zeros between them, the sums are the same.
`benchmarks/training_speed.py` prints the gain.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import keras

from imgclass.training.hardware import has_bfloat16_matrices
from imgclass.training.stand_ins import standing_in

# Columns, at most: of a packed row; of maps that are packed for the whole convolution. Wider maps
# gain in the gradient by the filters alone.
FULL, NARROW = 32, 4

Pack = Callable[[Any], Any]


def packed_convolutions(model: keras.Model) -> AbstractContextManager[None]:
    """Let the convolutions of `model`, not of models inside it, pack small feature maps."""
    is_known_to_help = keras.backend.backend() == "tensorflow" and has_bfloat16_matrices()
    layers = filter(_can_pack, model.layers) if is_known_to_help else ()
    return standing_in(_convolve, "convolution_op", layers)


def _convolve(layer: Any, maps: Any, kernel: Any) -> Any:
    """Stand in for `keras.layers.Conv2D.convolution_op`."""
    height, width, _ = maps.shape[1:]
    space = layer.kernel_size[1] // 2
    convolve = partial(type(layer).convolution_op, layer)
    if height is None or width is None or width + space > FULL // 2:
        return convolve(maps, kernel)
    pack = partial(_packed, space=space, number=FULL // (width + space))
    if width <= NARROW:
        return _unpacked(convolve(pack(maps), kernel), maps, space=space)
    return _with_packed_gradient(maps, keras.ops.convert_to_tensor(kernel), pack)


def _with_packed_gradient(maps: Any, kernel: Any, pack: Pack) -> Any:
    """Return a convolution; its gradient by the filters will be computed on packed maps."""
    import tensorflow as tf

    same = {"strides": [1, 1, 1, 1], "padding": "SAME"}

    def convolved(maps: Any, kernel: Any) -> Any:
        def gradients(change: Any) -> tuple[Any, Any]:
            by_maps = tf.raw_ops.Conv2DBackpropInput(
                input_sizes=tf.shape(maps), filter=kernel, out_backprop=change, **same
            )
            by_kernel = tf.raw_ops.Conv2DBackpropFilter(
                input=pack(maps), filter_sizes=kernel.shape, out_backprop=pack(change), **same
            )
            return by_maps, by_kernel

        return tf.raw_ops.Conv2D(input=maps, filter=kernel, **same), gradients

    return tf.custom_gradient(convolved)(maps, kernel)


def _packed(maps: Any, *, space: int, number: int) -> Any:
    """Return feature maps `(n, h, w, c)` side by side, so many in a row, zeros between them.

    Where the last row is not full, zeros fill it.
    """
    import tensorflow as tf

    height, width, channels = maps.shape[1:]
    lacking = -tf.shape(maps)[0] % number
    apart = tf.pad(maps, [[0, lacking], [0, 0], [0, space], [0, 0]])
    groups = tf.reshape(apart, (-1, number, height, (width + space) * channels))
    rows = tf.transpose(groups, (0, 2, 1, 3))
    return tf.reshape(rows, (-1, height, number * (width + space), channels))


def _unpacked(packed: Any, like: Any, *, space: int) -> Any:
    """Return feature maps `(n, h, w, c)`, as many and as large as `like`, from packed ones."""
    import tensorflow as tf

    (height, width), channels = like.shape[1:3], packed.shape[-1]
    number = packed.shape[2] // (width + space)
    rows = tf.reshape(packed, (-1, height, number, (width + space) * channels))
    groups = tf.transpose(rows, (0, 2, 1, 3))
    apart = tf.reshape(groups, (-1, height, width + space, channels))
    # The gradient of `apart[:n]` takes several times as long.
    return tf.slice(apart, (0, 0, 0, 0), (tf.shape(like)[0], height, width, channels))


def _can_pack(layer: Any) -> bool:
    return (
        type(layer) is keras.layers.Conv2D
        and layer.compute_dtype == "bfloat16"
        and layer.data_format == "channels_last"
        and layer.padding == "same"
        and layer.strides == layer.dilation_rate == (1, 1)
        and layer.groups == 1
        and layer.kernel_size[0] % 2 == layer.kernel_size[1] % 2 == 1
        and layer.kernel_size[1] > 1
    )
