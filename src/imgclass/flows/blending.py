"""Four neighbours of every pixel, weighed and added up, for a block of RGB images at once.

The three channels of a pixel travel in one 64-bit word, 21 bits each: 8 for the value and 13 for
the weight that it is multiplied by. So one gather, one product and one sum serve all channels.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from imgclass.flows.buffers import Buffers

Ints = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint64]

FRACTION_BITS = 13  # 255 * 2**13 is the largest weighted sum that 21 bits hold
CHANNEL_BITS = 21
ONE = 1 << FRACTION_BITS
EVERY_CHANNEL = 1 | 1 << CHANNEL_BITS | 1 << 2 * CHANNEL_BITS

_buffer = Buffers()


def blend(images: npt.NDArray[np.uint8], row: Ints, column: Ints) -> Words:
    """Return each pixel's value between the four pixels around a place, as a packed word.

    Args:
        images: `(n, height, width, 3)`.
        row: Where to read, in units of 1 / ONE of a pixel, inside the image; of a shape that
            broadcasts to `(n, height, width)`. Only its fractions are left in it.
        column: Likewise.

    Returns:
        `(n, height, width)`, in units of 1 / ONE of a level; a buffer, for `unpack`.
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
    # What the neighbour to the right, below, and both weigh; the rest of ONE is the corner's.
    both = np.multiply(row, column, out=_buffer("both", shape, np.int32))
    both >>= FRACTION_BITS
    weight = _buffer("weight", shape, np.int32)
    np.subtract(both, row, out=weight)
    weight -= column
    weight += ONE
    _add(total, words, corner, weight)
    np.subtract(column, both, out=weight)
    _add(total, words[1:], corner, weight)
    np.subtract(row, both, out=weight)
    _add(total, words[shape[2] :], corner, weight)
    _add(total, words[shape[2] + 1 :], corner, both)
    return total


def unpack(words: Words, out: npt.NDArray[np.uint8] | npt.NDArray[np.float32]) -> None:
    """Write packed values to `(n, height, width, 3)`: to bytes rounded, to floats as they are.

    Args:
        words: In units of 1 / ONE of a level; changed.
        out: Where the levels go, in 0-255.

    Example:
        >>> image = np.array([[[[1, 2, 3], [255, 0, 7]]]], np.uint8)
        >>> half = np.array([[[ONE // 2, ONE]]], np.int32)
        >>> out = np.empty(image.shape, np.float32)
        >>> unpack(blend(image, np.zeros_like(half), half), out)
        >>> out.tolist()
        [[[[128.0, 1.0, 5.0], [255.0, 0.0, 7.0]]]]
    """
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


def _corners(row: Ints, column: Ints, shape: tuple[int, ...]) -> npt.NDArray[np.intp]:
    """Return the word of the pixel at the upper left of each place."""
    n, height, width = shape
    first = np.right_shift(row, FRACTION_BITS, out=_buffer("first", row.shape, np.int32))
    first *= width
    first += np.arange(n, dtype=np.int32)[:, None, None] * (height * width)
    step = np.right_shift(column, FRACTION_BITS, out=_buffer("step", column.shape, np.int32))
    corner: npt.NDArray[np.intp] = _buffer("corner", shape, np.intp)
    np.copyto(corner, np.add(first, step, out=_buffer("weight", shape, np.int32)))
    return corner


def _add(total: Words, words: Words, at: npt.NDArray[Any], weight: Ints) -> None:
    tap, factor = _buffer("tap", at.shape, np.uint64), _buffer("factor", at.shape, np.uint64)
    np.take(words, at, out=tap, mode="clip")  # the default mode would copy `out`
    np.copyto(factor, weight, casting="unsafe")
    tap *= factor
    total += tap
