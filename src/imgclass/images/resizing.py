"""Resizing an image of any shape to `image_size`."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imgclass.errors import UsageError
from imgclass.images import Resize

PADDING = (0, 0, 0)  # as keras.layers.Resizing(pad_to_aspect_ratio=True) fills by default


def resize_image(
    image: NDArray[np.uint8], image_size: tuple[int, int], *, resize: Resize = "stretch"
) -> NDArray[np.uint8]:
    """Resize an RGB image bilinearly to `image_size`; one of that size is returned unchanged.

    `stretch` and `crop` give what `keras.utils.load_img(interpolation="bilinear")` gives, `crop`
    with its `keep_aspect_ratio=True`.

    Args:
        image: uint8, `(height, width, 3)`.
        image_size: `(height, width)` in pixels.
        resize: `stretch` changes the aspect ratio; `crop` keeps the largest centred part of the new
            ratio; `pad` keeps the whole image, centred on black.

    Returns:
        uint8, `(*image_size, 3)`.

    Raises:
        UsageError: An argument is not as described.

    Example:
        >>> wide = np.full((1, 2, 3), 200, np.uint8)
        >>> resize_image(wide, (2, 2), resize="pad")[..., 0].tolist()
        [[200, 200], [0, 0]]
    """
    if image.dtype != np.uint8 or image.shape[2:] != (3,) or 0 in image.shape:
        raise UsageError(
            f"Expected an image of uint8, (height, width, 3); "
            f"received {image.dtype}, {image.shape}."
        )
    height, width = image_size
    if height < 1 or width < 1:
        raise UsageError(f"Expected image_size=(height, width) in pixels; received {image_size}.")
    if image.shape[:2] == (height, width):
        return image
    match resize:
        case "stretch":
            return _resize(image, height, width)
        case "crop":
            return _resize(image, height, width, box=_largest_part(image, height, width))
        case "pad":
            return _pad(image, height, width)
    raise UsageError(f"Expected resize to be stretch, crop or pad; received {resize!r}.")


def _resize(
    image: NDArray[np.uint8],
    height: int,
    width: int,
    *,
    box: tuple[int, int, int, int] | None = None,
) -> NDArray[np.uint8]:
    picture = Image.fromarray(image)
    return np.array(picture.resize((width, height), Image.Resampling.BILINEAR, box=box))


def _largest_part(image: NDArray[np.uint8], height: int, width: int) -> tuple[int, int, int, int]:
    """Return `(left, top, right, bottom)`, rounded as in Keras, but at least one pixel a side."""
    full_height, full_width = image.shape[:2]
    part_height = min(full_height, max(1, full_width * height // width))
    part_width = min(full_width, max(1, full_height * width // height))
    left, top = (full_width - part_width) // 2, (full_height - part_height) // 2
    return left, top, left + part_width, top + part_height


def _pad(image: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    full_height, full_width = image.shape[:2]
    scale = min(height / full_height, width / full_width)
    inner_height = min(height, max(1, round(full_height * scale)))
    inner_width = min(width, max(1, round(full_width * scale)))
    top, left = (height - inner_height) // 2, (width - inner_width) // 2
    padded = np.full((height, width, 3), PADDING, np.uint8)
    inner = _resize(image, inner_height, inner_width)
    padded[top : top + inner_height, left : left + inner_width] = inner
    return padded
