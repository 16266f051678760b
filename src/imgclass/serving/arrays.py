"""Arrays of numbers as 8-bit RGB images."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from imgclass.errors import ImageError
from imgclass.images.pixels import Pixels, rgb_pixels

WHITE = 255  # of 8 bits
CHANNELS = (1, 3, 4)  # grey, RGB, RGBA
GREY, IMAGE, BATCH = 2, 3, 4  # dimensions


@dataclass(slots=True)
class ArrayReader:
    """Turns arrays into 8-bit RGB images; all floats that one reader sees have the same range.

    Attributes:
        white: White in the float arrays, 1 or 255; None before the first.

    Example:
        >>> [image] = ArrayReader().images(np.array([[0.0, 1.0]]))
        >>> image.tolist()
        [[[0, 0, 0], [255, 255, 255]]]
    """

    white: int | None = None

    def images(self, array: npt.NDArray[Any]) -> Iterator[Pixels | ImageError]:
        """Yield each image as uint8 `(height, width, 3)`, or what is wrong with it.

        Takes `(height, width)`, `(height, width, channels)` or `(n, height, width, channels)`.
        """
        try:
            _require_shape(array)
            scale = self._scale(array)
        except ImageError as error:
            yield from [error] * (len(array) if array.ndim == BATCH else 1)
            return
        for image in array if array.ndim == BATCH else (array,):
            try:
                yield _rgb(_bytes(image, scale))
            except ImageError as error:
                yield error

    def _scale(self, array: npt.NDArray[Any]) -> int:
        """Return the factor that brings the values to 0-255."""
        if array.dtype.kind in "iu":
            return 1
        if array.dtype.kind != "f":
            raise ImageError(f"Expected an array of uint8 or float; received {array.dtype}.")
        largest = float(np.max(array, initial=0, where=np.isfinite(array)))
        if largest == 0:  # black in every range
            return 1
        if 1 < largest < 2:  # noqa: PLR2004 - too large for one range, too small for the other
            raise ImageError(
                f"Expected floats in 0-1 or in 0-255; the largest is {largest:.4g}, which may be "
                f"either. Clip them to 0-1, or give uint8."
            )
        white = 1 if largest <= 1 else WHITE
        self.white = self.white or white
        if white != self.white:
            raise ImageError(
                f"Expected floats in 0-{self.white}, as in the arrays before; the largest is "
                f"{largest:.4g}. Give all of them in one range, or uint8."
            )
        return WHITE // white


def _require_shape(array: npt.NDArray[Any]) -> None:
    shape, is_image = array.shape, array.ndim in (IMAGE, BATCH)
    if 0 not in shape[-IMAGE:] and (array.ndim == GREY or (is_image and shape[-1] in CHANNELS)):
        return
    hint = ""
    if is_image and shape[-IMAGE] in CHANNELS:
        hint = f" Put the channels last: np.moveaxis(array, {-IMAGE}, -1)."
    elif array.ndim == IMAGE:
        hint = " For a batch of grey images, give array[..., None]."
    raise ImageError(
        f"Expected an image (height, width), (height, width, channels) or a batch (n, height, "
        f"width, channels) of 1, 3 or 4 channels; received an array of the shape {shape}.{hint}"
    )


def _bytes(image: npt.NDArray[Any], scale: int) -> Pixels:
    """Return the values as uint8, rounded to the nearest."""
    if image.dtype == np.uint8:
        return image
    if not np.isfinite(image).all():
        raise ImageError("Expected finite values; received an array with NaN or infinity.")
    lowest, highest = image.min(), image.max()
    if lowest < 0 or highest > WHITE:
        raise ImageError(
            f"Expected values in 0-255 or, as floats, in 0-1; received {lowest:.6g} to "
            f"{highest:.6g}. Give raw pixels: the model does its own preprocessing."
        )
    rounded: Pixels = np.rint(image * scale).astype(np.uint8)
    return rounded


def _rgb(image: Pixels) -> Pixels:
    if image.ndim == IMAGE and image.shape[-1] == IMAGE:
        return image
    if image.ndim == IMAGE and image.shape[-1] == 1:
        image = image[..., 0]
    return rgb_pixels(Image.fromarray(image))
