"""Affine warps of a batch of RGB images, one map an image, in pure NumPy.

A pixel is one 64-bit word: 21 bits a channel, 8 for the value and 13 for its weight. So one gather,
one product and one sum serve all three channels.
"""

import math
import threading
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from imgclass.flows.augment.augmentation import FillMode, InterpolationOrder

Floats = npt.NDArray[np.float64]
Coordinates = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint64]

BLOCK_PIXELS = 16_384  # so that a block's buffers fit a core's second cache, 2 MiB
FRACTION_BITS = 13  # 255 * 2**13 is the largest weighted sum that 21 bits hold
CHANNEL_BITS = 21
ONE = 1 << FRACTION_BITS
EVERY_CHANNEL = 1 | 1 << CHANNEL_BITS | 1 << 2 * CHANNEL_BITS


def warp(
    images: npt.NDArray[np.uint8],
    maps: tuple[Floats, Floats],
    *,
    out: npt.NDArray[np.uint8] | npt.NDArray[np.float32],
    fill_mode: FillMode,
    cval: float,
    order: InterpolationOrder = 1,
) -> None:
    """Write images `(n, height, width, 3)` to `out`, each pixel read from where the map says.

    The maps are those of `affine_maps`. `cval`, in 0-255, is the value outside for `constant`;
    `order` 1 reads between four pixels, 0 the nearest one. The result is that of
    `scipy.ndimage.affine_transform` on each channel, within a tenth of a level; it is rounded if
    `out` holds bytes.
    """
    # In the other modes values jump at the border or between pixels: rounding errors would show.
    precision = np.float32 if order and fill_mode in {"nearest", "reflect"} else np.float64
    affine: Coordinates = np.concatenate((maps[0], maps[1][..., None]), 2).astype(precision)
    height, width = images.shape[1:3]
    size = max(1, BLOCK_PIXELS // (height * width))
    for start in range(0, len(images), size):
        block = slice(start, start + size)
        rows, columns = _coordinates(affine[block], height, width)
        outside = fill_mode == "constant" and (
            _is_outside(rows, height) | _is_outside(columns, width)
        )
        fold(rows, height, fill_mode=fill_mode)
        fold(columns, width, fill_mode=fill_mode)
        if order == 0:
            for places in (rows, columns):
                np.floor(np.add(places, 0.5, out=places), out=places)
        words = _blend(images[block], _fixed_point("row", rows), _fixed_point("column", columns))
        np.copyto(words, np.uint64(round(cval * ONE) * EVERY_CHANNEL), where=outside)
        _unpack(words, out[block])


def fold(coordinates: Coordinates, side: int, *, fill_mode: FillMode) -> None:
    """Move coordinates outside `[0, side - 1]` to the ones inside that hold the same value.

    For `constant` they are only clipped, and `warp` writes the constant. As in `scipy.ndimage`,
    `reflect` repeats the last pixel (`d c b a | a b c d`), and `wrap` has the period `side - 1`, so
    that the last pixel takes the place of the first.
    """
    if fill_mode == "reflect":  # a triangle wave about the outer edges of the border pixels
        coordinates += 0.5
        np.abs(coordinates, out=coordinates)
        if coordinates.max() > 2 * side:
            np.fmod(coordinates, 2 * side, out=coordinates)
        coordinates -= side
        np.abs(coordinates, out=coordinates)
        np.subtract(side - 0.5, coordinates, out=coordinates)
    elif fill_mode == "wrap" and side > 1:
        before, after = coordinates < 0, coordinates > side - 1
        coordinates[before] += (side - 1) * (np.floor(-coordinates[before] / (side - 1)) + 1)
        coordinates[after] -= (side - 1) * np.floor(coordinates[after] / (side - 1))
    np.clip(coordinates, 0, side - 1, out=coordinates)


def _coordinates(affine: Coordinates, height: int, width: int) -> tuple[Coordinates, Coordinates]:
    """Return the row and the column that each pixel is read from.

    If no image is turned or sheared, they are `(n, height, 1)` and `(n, 1, width)`: all work before
    the gather then costs next to nothing.
    """
    if not (affine[:, 0, 1].any() or affine[:, 1, 0].any()):
        part = affine[..., None, None]
        rows = part[:, 0, 0] * np.arange(height, dtype=affine.dtype)[:, None] + part[:, 0, 2]
        return rows, part[:, 1, 1] * np.arange(width, dtype=affine.dtype) + part[:, 1, 2]
    maps = affine.swapaxes(0, 1).reshape(-1, 3)
    read = _buffer("coordinates", (len(maps), height * width), affine.dtype)
    np.matmul(maps, _grid(height, width, affine.dtype), out=read)
    rows, columns = read.reshape(2, -1, height, width)
    return rows, columns


@lru_cache(maxsize=4)
def _grid(height: int, width: int, dtype: np.dtype[Any]) -> Coordinates:
    """Row, column and 1 of each pixel, `(3, height * width)`."""
    return np.insert(np.indices((height, width)).reshape(2, -1), 2, 1, axis=0).astype(dtype)


def _is_outside(coordinates: Coordinates, side: int) -> npt.NDArray[np.bool_]:
    return (coordinates < 0) | (coordinates > side - 1)


def _fixed_point(name: str, coordinates: Coordinates) -> Ints:
    """Convert to units of 1 / ONE of a pixel."""
    coordinates *= ONE
    np.rint(coordinates, out=coordinates)
    fixed: Ints = _buffer(name, coordinates.shape, np.int32)
    np.copyto(fixed, coordinates, casting="unsafe")
    return fixed


def _blend(images: npt.NDArray[np.uint8], row: Ints, column: Ints) -> Words:
    """Return the weighted mean of the four pixels around each place, in units of 1 / ONE.

    `row` and `column` broadcast to `(n, height, width)`; only their fractions are left in them.
    """
    shape = images.shape[:3]
    words = _pack(images)
    corner = _corners(row, column, shape)
    row &= ONE - 1
    column &= ONE - 1
    total: Words = _buffer("total", shape, np.uint64)
    if row.shape != shape and not (row.any() or column.any()):  # flips, shifts by whole pixels
        np.take(words, corner, out=total, mode="clip")
        total <<= FRACTION_BITS
        return total
    total.fill(0)
    # The weight of the pixel below and to the right gives those of the other three.
    both = np.multiply(row, column, out=_buffer("both", shape, np.int32))
    both >>= FRACTION_BITS
    weight = np.subtract(both, row, out=_buffer("weight", shape, np.int32))
    weight -= column
    weight += ONE
    _add(total, words, corner, weight)
    _add(total, words[1:], corner, np.subtract(column, both, out=weight))
    _add(total, words[shape[2] :], corner, np.subtract(row, both, out=weight))
    _add(total, words[shape[2] + 1 :], corner, both)
    return total


def _pack(images: npt.NDArray[np.uint8]) -> Words:
    """Return one word a pixel, with a row and a pixel more, for the last one's neighbours."""
    n, height, width = images.shape[:3]
    words: Words = _buffer("words", (n * height * width + width + 1,), np.uint64)
    words[n * height * width :] = 0
    pixels = words[: n * height * width].reshape(n, height, width)
    pixels[...] = images[..., 2]
    for channel in (1, 0):
        pixels <<= CHANNEL_BITS
        pixels |= images[..., channel]
    return words


def _corners(row: Ints, column: Ints, shape: tuple[int, ...]) -> npt.NDArray[np.intp]:
    """Index the word above and left of each place."""
    n, height, width = shape
    first = np.right_shift(row, FRACTION_BITS, out=_buffer("first", row.shape, np.int32))
    first *= width
    first += np.arange(n, dtype=np.int32)[:, None, None] * (height * width)
    step = np.right_shift(column, FRACTION_BITS, out=_buffer("step", column.shape, np.int32))
    corner: npt.NDArray[np.intp] = _buffer("corner", shape, np.intp)
    np.copyto(corner, np.add(first, step, out=_buffer("weight", shape, np.int32)))
    return corner


def _add(total: Words, words: Words, at: npt.NDArray[np.intp], weight: Ints) -> None:
    tap, factor = _buffer("tap", at.shape, np.uint64), _buffer("factor", at.shape, np.uint64)
    np.take(words, at, out=tap, mode="clip")  # the default mode would copy `out`
    np.copyto(factor, weight, casting="unsafe")
    tap *= factor
    total += tap


def _unpack(words: Words, out: npt.NDArray[np.uint8] | npt.NDArray[np.float32]) -> None:
    part = _buffer("tap", words.shape, np.uint64)
    rounds = out.dtype == np.uint8
    if rounds:
        words += ONE // 2 * EVERY_CHANNEL
    for channel in range(3):
        if rounds:
            np.right_shift(words, CHANNEL_BITS * channel + FRACTION_BITS, out=part)
            out[..., channel] = part  # a byte drops the channels above
        else:
            np.right_shift(words, CHANNEL_BITS * channel, out=part)
            part &= (1 << CHANNEL_BITS) - 1
            np.multiply(part, 1 / ONE, out=out[..., channel], casting="same_kind")


_scratch = threading.local()


def _buffer(name: str, shape: tuple[int, ...], dtype: Any) -> Any:
    """Return an uninitialized array in memory that each thread keeps by name and type.

    Page faults of fresh arrays would take twice as long as the arithmetic.
    """
    kept: dict[Any, Any] = _scratch.__dict__
    size = math.prod(shape)
    array = kept.get((name, dtype))
    if array is None or array.size < size:
        array = kept[name, dtype] = np.empty(size, dtype)
    return array[:size].reshape(shape)
