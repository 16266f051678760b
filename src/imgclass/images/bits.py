"""How many bits a sample has, and how more than 8 become 8.

Cameras and microscopes of 10, 12 or 14 bits write files of 16 bits, mostly with their values as
they are: kept high bytes would be almost black. So values keep the upper 8 of the bits that the
file uses: those that its header names or, in a file of 16 bits, the fewest of 8, 10, 12, 14 and 16
that hold its largest value. The rule needs one file only, so that a prediction sees what training
saw.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

USUAL_BITS = (8, 10, 12, 14, 16)
_BYTE = 8
_TIFF_BITS = 258  # the tag BitsPerSample
_PNG_BITS = 24  # the byte of a PNG's header


def sample_bits(image: Image.Image, data: bytes) -> int:
    """Return the bits of a sample that the header of an opened file names.

    `data` is the file's beginning.
    """
    if image.format == "PNG":
        return data[_PNG_BITS]
    if image.format == "TIFF":
        return _tiff_bits(image)
    if "bit_depth" in image.info:  # HEIF, DICOM
        return int(image.info["bit_depth"])
    return 16 if image.mode.startswith("I") else _BYTE


def to_8_bits(values: NDArray[np.integer], bits: int) -> NDArray[np.uint8]:
    """Return the upper 8 of `bits`; unsigned `values` are below `2**bits`.

    Example:
        >>> to_8_bits(np.array([0, 15, 16, 4095], np.uint16), 12).tolist()
        [0, 0, 1, 255]
    """
    return (values >> max(0, bits - _BYTE)).astype(np.uint8)


def used_bits(image: Image.Image, largest: int) -> int:
    """Return the bits that a gray image of 16 bits uses, if its largest value is this.

    Example:
        >>> used_bits(Image.new("I;16", (1, 1)), 3000)
        12
    """
    if image.format == "PPM":  # Pillow spreads its values over all 16 bits
        return USUAL_BITS[-1]
    if image.format == "TIFF" and (named := _tiff_bits(image)) < USUAL_BITS[-1]:
        return max(named, _BYTE)
    return next(bits for bits in USUAL_BITS if largest < 2**bits)


def _tiff_bits(image: Image.Image) -> int:
    bits = getattr(image, "tag_v2", {}).get(_TIFF_BITS, (1,))
    return max(bits) if isinstance(bits, tuple) else int(bits)
