"""Plain JPEG files, decoded by simplejpeg if it is installed.

The pixels are Pillow's, in a sixth of the time for a small image: both hold libjpeg-turbo, and
Pillow spends most of its time on opening a file. A file on which libjpeg-turbo even warns is left
to Pillow, so the same files are refused with and without simplejpeg.
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
    """Pillow's name for how a file is stored, and its RGB uint8 `(height, width, 3)`."""

    mode: str
    pixels: Pixels


def decode_plain_jpeg(data: bytes, limits: Limits) -> PlainJpeg | None:
    """Return a plain JPEG's mode and RGB pixels, or None to leave the file to Pillow.

    None without simplejpeg, and for all but a plain, faultless JPEG within `limits`.
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
    """Return simplejpeg's function; None if it is missing or Pillow would give other pixels."""
    if not features.check_feature("libjpeg_turbo"):  # other libraries round differently
        return None
    try:
        return import_module("simplejpeg").decode_jpeg
    except ImportError:
        return None
