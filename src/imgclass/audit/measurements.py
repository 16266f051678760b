"""Measurements of one image file: its header, how it looks, and its fingerprint."""

import hashlib
import os
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imgclass.data.duplicates.fingerprints import encoded_fingerprint
from imgclass.errors import ImageError
from imgclass.images.bits import sample_bits
from imgclass.images.limits import usual_limits
from imgclass.images.opened_image import has_pages, open_image
from imgclass.images.pixels import exif_orientation, rgb_picture
from imgclass.io.fs import FileSystem
from imgclass.io.regular_file import open_regular

LONGEST = 256  # pixels; larger pictures are reduced to it
BLUR = 9  # pixels of the blur, as in its source
ROUNDING = 1 / 255
BLANK = 8 / 255  # of the whole range of brightness
_DARKEST, _BRIGHTEST = 1, 99  # percentiles, so that a few pixels do not decide
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one image file is, and how it looks.

    Attributes:
        fault: Why it is no usable image, of which only the hash is known; empty if it is one.
        sha256: Empty if the file cannot be read.
        width: In pixels, as displayed.
        height: In pixels, as displayed.
        format: As its first bytes say: `JPEG`, `PNG` ...
        depth: Bits of a sample.
        mode: How its pixels are stored, in Pillow's word.
        has_alpha: Whether it has transparency.
        orientation: The EXIF orientation, 1-8; 1 is upright.
        has_pages: Whether it holds several pictures, as animations and documents do.
        darkest: First percentile of the brightness, in 0-1.
        brightest: 99th percentile of the brightness, in 0-1.
        contrast: Standard deviation of the brightness, in 0-1.
        blur: 0 sharp to 1 blurred.
        fingerprint: 768 bytes in Base64, for finding duplicates; empty if there is none.
    """

    fault: str = ""
    sha256: str = ""
    width: int = 0
    height: int = 0
    format: str = ""
    depth: int = 8
    mode: str = ""
    has_alpha: bool = False
    orientation: int = 1
    has_pages: bool = False
    darkest: float = 0.0
    brightest: float = 1.0
    contrast: float = 1.0
    blur: float = 0.0
    fingerprint: str = ""


def measure(_files: FileSystem, path: str) -> tuple[Any, ...]:
    """Measure an image in a worker process; return the fields of its `Measurement`."""
    return astuple(measure_image(path))


def measure_image(path: str | os.PathLike[str]) -> Measurement:
    """Read a file, or the target of a link, once; an error becomes the `fault`.

    Example:
        >>> measure_image("no such file").fault
        'No such file or directory'
    """
    try:
        with open_regular(path) as file:
            data = file.read(usual_limits().file_bytes + 1)
    except (OSError, ValueError) as error:
        return Measurement(fault=str(getattr(error, "strerror", None) or error))
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        stored, picture = _decoded(data)
    except ImageError as error:
        return Measurement(fault=str(error), sha256=sha256)
    small = _reduced(picture)
    brightness = small @ _LUMA / 255
    darkest, brightest = np.percentile(brightness, (_DARKEST, _BRIGHTEST))
    return Measurement(
        sha256=sha256,
        width=picture.width,
        height=picture.height,
        format=stored.format,
        depth=stored.depth,
        mode=stored.mode,
        has_alpha=stored.has_alpha,
        orientation=stored.orientation,
        has_pages=stored.has_pages,
        darkest=float(darkest),
        brightest=float(brightest),
        contrast=float(brightness.std()),
        blur=blur_of(brightness),
        fingerprint=encoded_fingerprint(picture),
    )


def blur_of(brightness: NDArray[np.floating]) -> float:
    """Return how blurred a picture `(height, width)` is, 0 sharp to 1 blurred; a blank one is not.

    A blurred picture barely changes when it is blurred again. F. Crété, T. Dolmiere, P. Ladret
    and M. Nicolas, The blur effect: perception and estimation with a new no-reference perceptual
    blur metric, SPIE 2007.

    Example:
        >>> sharp = np.indices((32, 32)).sum(0) % 2 * 1.0
        >>> round(blur_of(sharp), 1)
        0.1
    """
    kept = []
    for axis in (0, 1):
        lines = np.moveaxis(brightness, axis, 0)
        beyond = np.arange(-(BLUR // 2) - 1, len(lines) + BLUR // 2)
        sums = np.cumsum(lines[beyond.clip(0, len(lines) - 1)], axis=0, dtype=np.float64)
        blurred = (sums[BLUR:] - sums[:-BLUR]) / BLUR
        # Steps of one grey level are rounding errors, many in a strongly blurred picture.
        change = np.maximum(np.abs(np.diff(lines, axis=0)) - ROUNDING, 0)
        left = np.abs(np.diff(blurred, axis=0))
        total = float(change.sum())
        if total > 0:
            kept.append(1 - float(np.maximum(change - left, 0).sum()) / total)
    return min(kept, default=float(np.ptp(brightness) > BLANK))


def _reduced(picture: Image.Image) -> NDArray[np.float32]:
    if max(picture.size) > LONGEST:
        picture = picture.copy()
        picture.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
    return np.asarray(picture, np.float32)


@dataclass(frozen=True, slots=True)
class _Stored:
    """How a picture is stored; fields as in `Measurement`."""

    format: str
    depth: int
    mode: str
    has_alpha: bool
    orientation: int
    has_pages: bool


def _decoded(data: bytes) -> tuple[_Stored, Image.Image]:
    """Return how a picture is stored, and the picture; both from one opening."""
    try:
        with open_image(data, usual_limits()) as image:
            stored = _Stored(
                format=str(image.format),
                depth=sample_bits(image, data),
                mode=image.mode,
                has_alpha=image.has_transparency_data,
                orientation=exif_orientation(image),
                has_pages=has_pages(image),
            )
            return stored, rgb_picture(image)
    except Exception as error:  # Decoders raise anything on damaged files.
        reason = str(error).strip().rstrip(".") or type(error).__name__
        raise ImageError(reason[:200]) from error
