"""Gradients of convolutions by their filters, computed on images that are packed side by side.

In bfloat16 they take more than twice as long as the convolution (`benchmarks/step_profile.py`). The
processor's matrix unit sums over 32 pixels of a row at once, and a row of a small feature map has
fewer. With several images in one row, a column of zeros between them, the sums are the same.
`benchmarks/training_speed.py` prints the gain.
"""

from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import keras

from imgclass.training.hardware import has_bfloat16_matrices
from imgclass.training.stand_ins import standing_in

# Columns of a row that the matrix unit (AMX) takes at once: two bytes each of its 64.
FULL = 32


def packed_filter_gradients(model: keras.Model) -> AbstractContextManager[None]:
    """Let the convolutions of `model`, not of models inside it, pack small feature maps."""
    is_known_to_help = keras.backend.backend() == "tensorflow" and has_bfloat16_matrices()
    layers = filter(_can_pack, model.layers) if is_known_to_help else ()
    return standing_in(_convolve, "convolution_op", layers)


def _convolve(layer: Any, maps: Any, kernel: Any) -> Any:
    """Stand in for `keras.layers.Conv2D.convolution_op`."""
    height, width, _ = maps.shape[1:]
    space = layer.kernel_size[1] // 2
    widest = FULL // 2 - space  # of which two fit into a row
    if height is None or width is None or not layer.kernel_size[1] <= width <= widest:
        return type(layer).convolution_op(layer, maps, kernel)
    import tensorflow as tf

    same = {"strides": [1, 1, 1, 1], "padding": "SAME"}
    pack = partial(_packed, space=space, number=FULL // (width + space))

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

    return tf.custom_gradient(convolved)(maps, keras.ops.convert_to_tensor(kernel))


def _packed(maps: Any, *, space: int, number: int) -> Any:
    """Return feature maps `(n, h, w, c)` side by side, so many in a row, zeros between them.

    Where the last row is not full, zeros fill it.
    """
    import tensorflow as tf

    height, width, channels = maps.shape[1:]
    lacking = -tf.shape(maps)[0] % number
    apart = tf.pad(maps, [[0, lacking], [0, 0], [0, space], [0, 0]])
    groups = tf.reshape(apart, (-1, number, height, width + space, channels))
    return tf.reshape(
        tf.transpose(groups, (0, 2, 1, 3, 4)), (-1, height, number * (width + space), channels)
    )


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
