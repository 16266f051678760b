"""The pixels of an opened image as upright 8-bit RGB, however they are stored."""

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from imgclass.errors import ImageError
from imgclass.images.bits import to_8_bits, used_bits
from imgclass.images.deep_colour import twin_of, with_low_bytes

BACKGROUND = (255, 255, 255)

Pixels = NDArray[np.uint8]

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def rgb_pixels(image: Image.Image) -> Pixels:
    """Return an image as a viewer displays it: `(height, width, 3)`, uint8 in 0-255.

    How 16 bits become 8 is said in `bits.py`.
    """
    return np.array(rgb_picture(image))


def rgb_picture(image: Image.Image) -> Image.Image:
    """Return the pixels of `rgb_pixels` as a Pillow image of mode `RGB`."""
    twin = twin_of(image)
    image.load()
    require_range(image)
    turn = _UPRIGHT.get(exif_orientation(image))
    rgb = _to_rgb(image)
    if twin is not None:
        rgb = with_low_bytes(rgb, twin)
    return rgb.transpose(turn) if turn is not None else rgb


def exif_orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1-8; 1 is upright."""
    try:
        # Not `image.getexif()`: a PNG's decodes all its pixels first.
        value = Image.Image.getexif(image).get(ExifTags.Base.Orientation, 1)
    except Exception:  # noqa: BLE001 - a damaged EXIF block says nothing about the pixels
        return 1
    return value if value in _UPRIGHT else 1


def require_range(image: Image.Image) -> None:
    """Refuse a loaded picture whose values have no fixed range, and so no 8-bit meaning."""
    if image.mode == "F" or (image.mode == "I" and not _is_gray16(image)):
        kind = "floating-point" if image.mode == "F" else "32-bit integer"
        raise ImageError(f"{kind} pixels have no fixed range; convert the file to 8 or 16 bits")


def _is_gray16(image: Image.Image) -> bool:
    return image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PPM")


def _to_rgb(image: Image.Image) -> Image.Image:
    if _is_gray16(image):
        return _gray16_to_rgb(image)
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        ground = Image.new("RGB", image.size, BACKGROUND)
        ground.paste(rgba, mask=rgba)
        return ground
    return image if image.mode == "RGB" else image.convert("RGB")


def _gray16_to_rgb(image: Image.Image) -> Image.Image:
    values = np.asarray(image)
    gray = to_8_bits(values, used_bits(image, int(values.max(initial=0))))
    if (transparent := image.info.get("transparency")) is not None:
        gray[values == transparent] = BACKGROUND[0]
    return Image.fromarray(gray).convert("RGB")
