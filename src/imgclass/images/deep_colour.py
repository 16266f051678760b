"""The low bytes of 16-bit colour, which Pillow drops while it decodes.

They matter where the high bytes are almost empty: colour of 10, 12 or 14 bits in a file of 16. The
file is then decoded again with its two bytes exchanged.
"""

import io
import sys
from typing import Any

import numpy as np
from PIL import Image, ImageFile

from imgclass.images.bits import USUAL_BITS, to_8_bits

_LITTLE, _BIG = "RGB;16L", "RGB;16B"  # Pillow's names for the order of two bytes
_EXCHANGED = {
    _LITTLE: _BIG,
    _BIG: _LITTLE,
    "RGB;16N": _BIG if sys.byteorder == "little" else _LITTLE,
}
_FEW = 2**6  # high bytes of at most 14 bits are below it


def twin_of(image: Image.Image) -> ImageFile.ImageFile | None:
    """Return a file of 16-bit colour opened again to give its low bytes; None for any other.

    `image` is not loaded yet, and can be loaded afterwards.
    """
    if not isinstance(image, ImageFile.ImageFile) or image.fp is None:
        return None
    if {_exchanged(tile.args) for tile in image.tile} & {None} or not image.tile:
        return None
    place = image.fp.tell()
    image.fp.seek(0)
    twin = type(image)(io.BytesIO(image.fp.read()))
    image.fp.seek(place)
    twin.tile = [tile._replace(args=_exchanged(tile.args)) for tile in twin.tile]
    return twin


def with_low_bytes(picture: Image.Image, twin: ImageFile.ImageFile) -> Image.Image:
    """Return the upper 8 of the bits that are used, of high bytes and the file of the low ones."""
    high = np.asarray(picture, np.uint16)
    if high.max(initial=0) >= _FEW:
        return picture
    twin.load()
    values = (high << 8) | np.asarray(twin)
    bits = next(bits for bits in USUAL_BITS if values.max(initial=0) < 2**bits)
    return Image.fromarray(to_8_bits(values, bits))


def _exchanged(args: Any) -> Any:
    """Return the arguments of a tile with the two bytes exchanged; None if it has no two."""
    if isinstance(args, str):
        return _EXCHANGED.get(args)
    if isinstance(args, tuple) and args and args[0] in _EXCHANGED:
        return (_EXCHANGED[args[0]], *args[1:])
    return None
