"""Resampling of a batch of RGB images, one affine map an image, in pure NumPy."""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from imgclass.flows.augmentation import FillMode, InterpolationOrder
from imgclass.flows.blending import EVERY_CHANNEL, ONE, Ints, blend, unpack
from imgclass.flows.borders import fold
from imgclass.flows.buffers import Buffers

Floats = npt.NDArray[np.float64]
Coordinates = npt.NDArray[np.floating[Any]]

BLOCK_PIXELS = 16_384  # so that a block's buffers fit a core's second cache, 2 MiB

_buffer = Buffers()


def resample(
    images: npt.NDArray[np.uint8],
    maps: tuple[Floats, Floats],
    *,
    out: npt.NDArray[np.uint8] | npt.NDArray[np.float32],
    fill_mode: FillMode,
    cval: float,
    order: InterpolationOrder = 1,
) -> None:
    """Read every output pixel from where its image's map says.

    The result is that of `scipy.ndimage.affine_transform` on each channel, within a tenth of a
    level; where `out` holds bytes, it is rounded.

    Args:
        images: `(n, height, width, 3)`.
        maps: Matrices `(n, 2, 2)` and offsets `(n, 2)`: `input = matrix @ output + offset`, in
            pixels, `(row, column)`.
        out: Where the result goes, of the shape of `images`.
        fill_mode: What stands outside the image.
        cval: The value outside for `constant`, in 0-255.
        order: 1 reads between four pixels, 0 the nearest one.

    Example:
        >>> image = np.array([[[[10] * 3, [20] * 3]]], np.uint8)
        >>> half_a_pixel = np.eye(2)[None], np.array([[0.0, 0.5]])
        >>> moved = np.empty_like(image)
        >>> resample(image, half_a_pixel, out=moved, fill_mode="nearest", cval=0)
        >>> moved[0, 0, :, 0]
        array([15, 20], dtype=uint8)
    """
    # Where values jump, at the border or from pixel to pixel, a place must fall on SciPy's side.
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
        words = blend(images[block], _fixed("row", rows), _fixed("column", columns))
        np.copyto(words, np.uint64(round(cval * ONE) * EVERY_CHANNEL), where=outside)
        unpack(words, out[block])


def _coordinates(affine: Coordinates, height: int, width: int) -> tuple[Coordinates, Coordinates]:
    """Return the row and the column that each pixel is read from.

    Where no image is turned or sheared, rows have the shape `(n, height, 1)` and columns
    `(n, 1, width)`: everything up to the gather then costs next to nothing.
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
    """Return row, column and 1 of each pixel, of shape `(3, height * width)`."""
    return np.insert(np.indices((height, width)).reshape(2, -1), 2, 1, axis=0).astype(dtype)


def _is_outside(coordinates: Coordinates, side: int) -> npt.NDArray[np.bool_]:
    return (coordinates < 0) | (coordinates > side - 1)


def _fixed(name: str, coordinates: Coordinates) -> Ints:
    """Return coordinates in units of 1 / ONE of a pixel."""
    coordinates *= ONE
    np.rint(coordinates, out=coordinates)
    fixed: Ints = _buffer(name, coordinates.shape, np.int32)
    np.copyto(fixed, coordinates, casting="unsafe")
    return fixed
