"""Bilinear resampling of a batch of RGB images, one affine map an image, in pure NumPy.

The three channels of a pixel travel in one 64-bit word, 21 bits each: 8 for the value and 13 for
the weight that it is multiplied by. So one gather, one product and one sum serve all channels.
The batch goes through in blocks that fit the processor's cache, in buffers that are kept: with
fresh ones, page faults were measured to take twice the time of the arithmetic.
"""

import math
import threading
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from imgclass.flows.augmentation import FillMode
from imgclass.flows.borders import fold

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Shape = tuple[int, int, int]

FRACTION_BITS = 13  # 255 * 2**13 is the largest weighted sum that 21 bits hold
CHANNEL_BITS = 21
ONE = 1 << FRACTION_BITS
EVERY_CHANNEL = 1 | 1 << CHANNEL_BITS | 1 << 2 * CHANNEL_BITS
BLOCK_PIXELS = 16_384  # 128 KiB a buffer, so that all of them fit a core's second cache


def resample(
    images: npt.NDArray[np.uint8],
    maps: tuple[Floats, Floats],
    *,
    out: npt.NDArray[np.uint8] | npt.NDArray[np.float32],
    fill_mode: FillMode,
    cval: float,
) -> None:
    """Read every output pixel from where its image's map says, between four pixels.

    The result is that of `scipy.ndimage.affine_transform(..., order=1)` on each channel, within
    a tenth of a level; where `out` holds bytes, it is rounded.

    Args:
        images: `(n, height, width, 3)`.
        maps: Matrices `(n, 2, 2)` and offsets `(n, 2)`: `input = matrix @ output + offset`, in
            pixels, `(row, column)`.
        out: Where the result goes, of the shape of `images`.
        fill_mode: What stands outside the image.
        cval: The value outside for `constant`, in 0-255.

    Example:
        >>> image = np.array([[[[10] * 3, [20] * 3]]], np.uint8)
        >>> half_a_pixel = np.eye(2)[None], np.array([[0.0, 0.5]])
        >>> moved = np.empty_like(image)
        >>> resample(image, half_a_pixel, out=moved, fill_mode="nearest", cval=0)
        >>> moved[0, 0, :, 0]
        array([15, 20], dtype=uint8)
    """
    size = max(1, BLOCK_PIXELS // math.prod(images.shape[1:3]))
    for start in range(0, len(images), size):
        block = slice(start, start + size)
        n, height, width = images[block].shape[:3]
        rows, columns = _coordinates(maps[0][block], maps[1][block], (n, height, width))
        outside = (
            _is_outside(rows, height) | _is_outside(columns, width)
            if fill_mode == "constant"
            else np.False_
        )
        fold(rows, height, fill_mode=fill_mode)
        fold(columns, width, fill_mode=fill_mode)
        words = _blend(_pack(images[block]), _fixed("row", rows), _fixed("column", columns), width)
        np.copyto(words, np.uint64(round(cval * ONE) * EVERY_CHANNEL), where=outside)
        _unpack(words, out[block])


class _Buffers(threading.local):
    """Arrays of 64-bit items by name, which each thread keeps from block to block."""

    def __init__(self) -> None:
        self._kept: dict[str, Words] = {}

    def __call__(self, name: str, shape: tuple[int, ...], dtype: type = np.int64) -> Any:
        size = math.prod(shape)
        if name not in self._kept or self._kept[name].size < size:
            self._kept[name] = np.empty(size, np.uint64)
        return self._kept[name][:size].view(dtype).reshape(shape)


_buffer = _Buffers()


def _coordinates(matrices: Floats, offsets: Floats, shape: Shape) -> tuple[Floats, Floats]:
    """Return the row and the column that each pixel is read from.

    Where no image is turned or sheared, rows have the shape `(n, height, 1)` and columns
    `(n, 1, width)`: everything up to the gather then costs next to nothing.
    """
    if not (matrices[:, 0, 1].any() or matrices[:, 1, 0].any()):
        scale, offset = matrices[..., None, None], offsets[..., None, None]
        rows = scale[:, 0, 0] * np.arange(shape[1])[:, None] + offset[:, 0]
        return rows, scale[:, 1, 1] * np.arange(shape[2]) + offset[:, 1]
    maps = np.concatenate((matrices, offsets[..., None]), axis=2).swapaxes(0, 1).reshape(-1, 3)
    read = _buffer("coordinates", (len(maps), shape[1] * shape[2]), np.float64)
    np.matmul(maps, _grid(shape[1], shape[2]), out=read)
    rows, columns = read.reshape(2, *shape)
    return rows, columns


@lru_cache(maxsize=4)
def _grid(height: int, width: int) -> Floats:
    """Return row, column and 1 of each pixel, of shape `(3, height * width)`."""
    return np.insert(np.indices((height, width)).reshape(2, -1), 2, 1, axis=0).astype(np.float64)


def _is_outside(coordinates: Floats, side: int) -> npt.NDArray[np.bool_]:
    return (coordinates < 0) | (coordinates > side - 1)


def _fixed(name: str, coordinates: Floats) -> Ints:
    """Return coordinates in units of 1 / ONE of a pixel."""
    coordinates *= ONE
    np.rint(coordinates, out=coordinates)
    fixed: Ints = _buffer(name, coordinates.shape)
    np.copyto(fixed, coordinates, casting="unsafe")
    return fixed


def _pack(images: npt.NDArray[np.uint8]) -> Words:
    """Return one word a pixel, and a row and a pixel more, so that the last one has neighbours."""
    n, height, width = images.shape[:3]
    words: Words = _buffer("words", (n * height * width + width + 1,), np.uint64)
    words[n * height * width :] = 0
    pixels = words[: n * height * width].reshape(n, height, width)
    pixels[...] = images[..., 2]
    for channel in (1, 0):
        pixels <<= CHANNEL_BITS
        pixels |= images[..., channel]
    return words


def _blend(words: Words, row: Ints, column: Ints, width: int) -> Words:
    """Return the sums of each pixel's four neighbours times their weights, which add up to ONE."""
    shape = np.broadcast_shapes(row.shape, column.shape)
    n, height, _ = shape
    corner = np.right_shift(row, FRACTION_BITS, out=_buffer("corner row", row.shape))
    corner *= width
    corner += np.arange(0, n * height * width, height * width)[:, None, None]
    step = np.right_shift(column, FRACTION_BITS, out=_buffer("step", column.shape))
    corner = np.add(corner, step, out=_buffer("corner", shape))

    total: Words = _buffer("total", shape, np.uint64)
    row &= ONE - 1
    column &= ONE - 1
    if row.shape != shape and not (row.any() or column.any()):  # flips, shifts by whole pixels
        np.take(words, corner, out=total, mode="clip")
        total <<= FRACTION_BITS
        return total
    both = np.multiply(row, column, out=_buffer("both", shape))
    both >>= FRACTION_BITS
    total.fill(0)
    weight = _buffer("weight", shape)
    np.subtract(both, row, out=weight)
    weight -= column
    weight += ONE
    _add_weighted(total, words, corner, weight)
    np.subtract(column, both, out=weight)
    _add_weighted(total, words[1:], corner, weight)
    np.subtract(row, both, out=weight)
    _add_weighted(total, words[width:], corner, weight)
    _add_weighted(total, words[width + 1 :], corner, both)
    return total


def _add_weighted(total: Words, words: Words, at: Ints, weight: Ints) -> None:
    tap = _buffer("tap", at.shape, np.uint64)
    np.take(words, at, out=tap, mode="clip")  # the default mode would copy `out`
    tap *= weight.view(np.uint64)
    total += tap


def _unpack(words: Words, out: npt.NDArray[Any]) -> None:
    """Write packed values in units of 1 / ONE of a level to bytes, rounded, or to floats."""
    part = _buffer("tap", words.shape, np.uint64)
    if out.dtype == np.uint8:
        words += ONE // 2 * EVERY_CHANNEL
        for channel in range(3):
            np.right_shift(words, CHANNEL_BITS * channel + FRACTION_BITS, out=part)
            out[..., channel] = part  # a byte drops the channels above
    else:
        for channel in range(3):
            np.right_shift(words, CHANNEL_BITS * channel, out=part)
            part &= (1 << CHANNEL_BITS) - 1
            np.multiply(part, 1 / ONE, out=out[..., channel], casting="same_kind")
