"""Plain JPEG files, decoded by simplejpeg if it is installed.

The pixels are Pillow's, in a sixth of the time for a small image: both packages hold libjpeg-turbo,
and Pillow spends most of its time on opening a file. A file on which libjpeg-turbo gives even a
warning is left to Pillow, so the same files are refused with and without simplejpeg.
"""

from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from PIL import features

from imgclass.images.headers import plain_jpeg
from imgclass.images.limits import Limits
from imgclass.images.pixels import Pixels

_MODES = {1: "L", 3: "RGB"}  # by the number of channels


class PlainJpeg(NamedTuple):
    """A decoded file: Pillow's name for how it is stored, and RGB uint8 `(height, width, 3)`."""

    mode: str
    pixels: Pixels


def decode_plain_jpeg(data: bytes, limits: Limits) -> PlainJpeg | None:
    """Return a plain JPEG's mode and RGB pixels, or None to leave the file to Pillow.

    Args:
        data: The whole file.
        limits: What an image may cost.

    Returns:
        None if simplejpeg is missing, or the file is no plain, faultless JPEG within `limits`.

    Example:
        >>> decode_plain_jpeg(b"GIF89a", Limits()) is None
        True
    """
    decode = _decoder()
    frame = plain_jpeg(data) if decode is not None else None
    if (
        frame is None
        or frame.channels not in _MODES
        or frame.width * frame.height > limits.pixels
        or len(data) > limits.file_bytes
    ):
        return None
    try:
        return PlainJpeg(_MODES[frame.channels], decode(data, "RGB", strict=True))
    except Exception:  # noqa: BLE001 - Pillow decides, and says what is wrong.
        return None


@cache
def _decoder() -> Any:
    """Return simplejpeg's function, or None if it is missing or Pillow would give other pixels."""
    if not features.check_feature("libjpeg_turbo"):  # other libraries round differently
        return None
    try:
        return import_module("simplejpeg").decode_jpeg
    except ImportError:
        return None
