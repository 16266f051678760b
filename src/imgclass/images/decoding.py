"""The one decoder: the bytes of an image file become RGB pixels, the same for every reader.

EXIF orientation is applied. Transparency is laid on white, since transparent pictures are drawn
for light pages, and dark ones would vanish on black. Samples of more
than 8 bits become 8, as `images/bits.py` says. CMYK and palettes are converted. An animation or a
document gives its first picture. Colour profiles are ignored, as Keras ignores them.

Files may be hostile: only `FORMATS` are read, recognised by their first bytes; the size is checked
before pixels are decoded; and any error of a decoder becomes an `ImageError`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image

from imgclass.errors import ImageError
from imgclass.images.bits import sample_bits
from imgclass.images.limits import DEFAULT_LIMITS, Limits, usual_limits
from imgclass.images.opened_image import check_pixels, has_pages, open_image
from imgclass.images.pixels import (
    Pixels,
    exif_orientation,
    require_range,
    rgb_picture,
    rgb_pixels,
)
from imgclass.images.plain_jpegs import decode_plain_jpeg
from imgclass.io.regular_file import open_regular

__all__ = [
    "DEFAULT_LIMITS",
    "ImageFacts",
    "Limits",
    "Pixels",
    "decode_image",
    "decode_picture",
    "inspect_image",
    "picture_to_rgb",
    "read_image",
]

_TURNED = (5, 6, 7, 8)  # EXIF orientations that exchange width and height


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What an image's header says.

    Attributes:
        width: In pixels, as displayed (after EXIF orientation).
        height: Likewise.
        format: A key of `FORMATS`, recognised by the first bytes and not by the name.
        mode: Pillow's name for how pixels are stored: `RGB`, `L`, `P`, `RGBA`, `CMYK`, `I;16` ...
        orientation: The EXIF orientation, 1-8; 1 is upright.
        depth: Bits of a sample.
        has_pages: Whether it holds several pictures, as an animation or a document; the first
            counts.
    """

    width: int
    height: int
    format: str
    mode: str
    orientation: int
    depth: int = 8
    has_pages: bool = False


def read_image(path: str | os.PathLike[str], *, limits: Limits | None = None) -> Pixels:
    """Return the RGB pixels of an image file, as `decode_image` does.

    A FIFO, a device or a directory is an error; it is never waited for.

    Args:
        path: The file, or a link to it.
        limits: What an image may cost; `usual_limits()` by default.

    Returns:
        A uint8 array `(height, width, 3)` in 0-255.

    Raises:
        ImageError: The file cannot be read or decoded; the message names it and the cause.
    """
    name = os.fspath(path)
    limits = limits or usual_limits()
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read(min(size, limits.file_bytes) + 1)
    except OSError as error:
        reason = error.strerror or error
        raise ImageError(f"Expected an image file; received {name!r}: {reason}.") from error
    return decode_image(data, name=name, limits=limits)


def decode_image(data: bytes, *, name: str, limits: Limits | None = None) -> Pixels:
    """Return the RGB pixels of an image file's bytes.

    Args:
        data: The whole file.
        name: The file's name in error messages.
        limits: What an image may cost; `usual_limits()` by default.

    Returns:
        A uint8 array `(height, width, 3)` in 0-255.

    Raises:
        ImageError: The bytes are no image in one of `FORMATS`, are damaged or truncated, have no
            8-bit meaning (floating point, 32-bit integers), or exceed `limits`.

    Example:
        >>> decode_image(b"P6 2 1 255 " + bytes([255, 0, 0, 0, 0, 255]), name="two.ppm").tolist()
        [[[255, 0, 0], [0, 0, 255]]]
    """
    limits = limits or usual_limits()
    with _image_errors(name):
        if (plain := decode_plain_jpeg(data, limits)) is not None:
            return plain.pixels
        with open_image(data, limits) as image:
            return rgb_pixels(image)


def inspect_image(
    data: bytes, *, name: str, pixels: bool = False, limits: Limits | None = None
) -> ImageFacts:
    """Return what an image's header says.

    Args:
        data: The whole file.
        name: The file's name in error messages.
        pixels: Whether to decode the pixels too, and so refuse what `decode_image` refuses.
        limits: What an image may cost; `usual_limits()` by default.

    Raises:
        ImageError: The header is not that of an image in `FORMATS`, or exceeds `limits`, or
            `pixels` is true and they cannot be decoded.

    Example:
        >>> inspect_image(b"P6 2 1 255 " + bytes(6), name="two.ppm").format
        'PPM'
    """
    limits = limits or usual_limits()
    with _image_errors(name):
        if pixels and (plain := decode_plain_jpeg(data, limits)) is not None:
            height, width = plain.pixels.shape[:2]
            return ImageFacts(width, height, "JPEG", plain.mode, orientation=1)
        with open_image(data, limits) as image:
            several = has_pages(image)
            if pixels:
                image.load()
                require_range(image)
            orientation = exif_orientation(image)
            width, height = image.size
            # Pillow gives the size of a TIFF as displayed already.
            if orientation in _TURNED and image.format != "TIFF":
                width, height = height, width
            return ImageFacts(
                width,
                height,
                str(image.format),
                image.mode,
                orientation,
                depth=sample_bits(image, data),
                has_pages=several,
            )


def decode_picture(
    data: bytes, *, name: str, limits: Limits | None = None, least: int | None = None
) -> Image.Image:
    """Return the pixels of `decode_image` as a Pillow image of mode `RGB`.

    Args:
        data: The whole file.
        name: The file's name in error messages.
        limits: What an image may cost; `usual_limits()` by default.
        least: Decode a JPEG at a half, a quarter or an eighth of its size, with at least so many
            pixels a side; the whole file is read, so that damage is found all the same.

    Raises:
        ImageError: As in `decode_image`.

    Example:
        >>> decode_picture(b"P6 2 1 255 " + bytes(6), name="two.ppm").size
        (2, 1)
    """
    limits = limits or usual_limits()
    with _image_errors(name):
        if least is None and (plain := decode_plain_jpeg(data, limits)) is not None:
            return Image.fromarray(plain.pixels)
        with open_image(data, limits) as image:
            if least is not None:
                image.draft(None, (least, least))  # for other formats it does nothing
            return rgb_picture(image)


def picture_to_rgb(image: Image.Image, *, limits: Limits | None = None) -> Pixels:
    """Return the RGB pixels of a Pillow image, converted as in `decode_image`.

    Args:
        image: The image, loaded or not.
        limits: What an image may cost, by default `usual_limits()`; the size of its file does not
            count.

    Returns:
        A uint8 array `(height, width, 3)` in 0-255.

    Raises:
        ImageError: It is damaged, has no 8-bit meaning, or exceeds `limits`.

    Example:
        >>> picture_to_rgb(Image.new("CMYK", (1, 1), (255, 0, 0, 0))).tolist()
        [[[0, 255, 255]]]
    """
    limits = limits or usual_limits()
    with _image_errors(getattr(image, "filename", "") or f"a picture of mode {image.mode}"):
        check_pixels(image, limits)
        return rgb_pixels(image)


@contextmanager
def _image_errors(name: str) -> Iterator[None]:
    """Turn any error inside into an `ImageError` that names the file."""
    try:
        yield
    except Exception as error:  # Decoders raise errors of any type on damaged files.
        reason = str(error).strip().rstrip(".") or type(error).__name__
        raise ImageError(f"Expected an image; received {name!r}: {reason[:200]}.") from error
