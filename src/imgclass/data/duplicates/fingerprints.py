"""Fingerprints: a picture as 16 x 16 colours, enough to recognise it."""

from base64 import b64decode, b64encode
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imgclass.images.pixels import Pixels

SIDE = 16  # cells; of a picture of 32 x 32 each is 2 x 2 pixels
SHAPE = (SIDE, SIDE, 3)
FREQUENCIES = 5, 3, 3  # of the brightness and of two colour differences, in each direction

Fingerprint = NDArray[np.uint8]

_FINENESS = 600.0  # no number of the basis exceeds 64, and no sum what float32 holds exactly

# Brightness and two colour differences, an orthonormal basis of red, green and blue.
_OPPONENTS = np.array(
    [
        [3**-0.5, 3**-0.5, 3**-0.5],
        [2**-0.5, 0, -(2**-0.5)],
        [6**-0.5, -2 * 6**-0.5, 6**-0.5],
    ]
)


def fingerprint(pixels: Pixels) -> Fingerprint:
    """Return the mean colour of each of 16 x 16 cells of a picture, stretched to a square.

    Args:
        pixels: `(height, width, 3)`, 0-255.

    Returns:
        A uint8 array `(16, 16, 3)` in 0-255.

    Example:
        >>> fingerprint(np.full((480, 640, 3), 7, np.uint8)).shape
        (16, 16, 3)
    """
    return np.frombuffer(_bytes(Image.fromarray(pixels)), np.uint8).reshape(SHAPE)


def encoded_fingerprint(picture: Image.Image) -> str:
    """Return the fingerprint of an RGB picture in Base64; empty for fewer than 16 pixels a side.

    They are too few: of scikit-learn's handwritten digits, 8 x 8 pixels, nearly half would count as
    copies.
    """
    if min(picture.size) < SIDE:
        return ""
    return b64encode(_bytes(picture)).decode()


class Prints:
    """The fingerprints of many images, as they come from worker processes.

    Attributes:
        array: `(n, 16, 16, 3)`; zeros for an image without one.
    """

    def __init__(self, count: int) -> None:
        self.array: Fingerprint = np.zeros((count, *SHAPE), np.uint8)

    def keep(self, index: int, encoded: str) -> None:
        """Put a fingerprint in Base64 into its row; an empty one stands for none."""
        if encoded:
            self.array[index] = np.frombuffer(b64decode(encoded), np.uint8).reshape(SHAPE)


def outlines(fingerprints: Fingerprint) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the coarse structure of pictures `(n, 16, 16, 3)`, and how strong it is.

    An outline is a picture's lowest frequencies in a discrete cosine transform, without its mean
    colour: unit vectors, float32 `(n, 40)`. It barely changes with brightness, contrast,
    compression or a shift of a few hundredths of the side. Its strength is the standard deviation
    that it gives the picture, in grey levels (0-255).
    """
    basis = _basis()
    flat = fingerprints.reshape(len(fingerprints), len(basis))
    found = np.empty((len(flat), basis.shape[1]), np.float32)
    for start in range(0, len(flat), 8192):
        rows = slice(start, start + 8192)
        found[rows] = flat[rows].astype(np.float32) @ basis
    lengths = np.sqrt(np.square(found, dtype=np.float64).sum(axis=1)).astype(np.float32)
    found /= np.maximum(lengths, 1)[:, None]
    return found, lengths / np.float32(_FINENESS * np.sqrt(flat.shape[1]))


def _bytes(picture: Image.Image) -> bytes:
    return picture.resize((SIDE, SIDE), Image.Resampling.BOX).tobytes()


@cache
def _basis() -> NDArray[np.float32]:
    """Return the vectors of `FREQUENCIES` except the constant ones, `(768, 40)`.

    Orthonormal up to the factor `_FINENESS`, and rounded to whole numbers, whose sums are the same
    on every machine.
    """
    at = (np.arange(SIDE) + 0.5) * np.pi / SIDE
    waves = [np.cos(k * at) * (2 / SIDE) ** 0.5 for k in range(max(FREQUENCIES))]
    waves[0] = np.full(SIDE, SIDE**-0.5)
    columns = [
        np.multiply.outer(np.outer(waves[row], waves[column]), colour).ravel()
        for colour, most in zip(_OPPONENTS, FREQUENCIES, strict=True)
        for row in range(most)
        for column in range(most)
        if row or column
    ]
    return np.round(_FINENESS * np.stack(columns, axis=1)).astype(np.float32)
