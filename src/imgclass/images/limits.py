"""The largest images that are accepted."""

import os
from dataclasses import dataclass
from functools import cache

from imgclass.errors import UsageError

MAX_PIXELS = "IMGCLASS_MAX_PIXELS"  # environment variable, which child processes inherit
_LARGEST_PIXEL = 4  # bytes of RGBA, not compressed
_DIGITS = 12  # of a number of pixels; Python reads very long numbers slowly


@dataclass(frozen=True, slots=True)
class Limits:
    """What an image may cost before it is refused.

    Attributes:
        pixels: Width times height; 50 million take about 700 MB and 2 s to decode and turn.
            `usual_limits` has the number that the user chose instead, if any.
        file_bytes: Size of the file.
    """

    pixels: int = 50_000_000
    file_bytes: int = 64 * 2**20


DEFAULT_LIMITS = Limits()


def usual_limits() -> Limits:
    """Return the limits of this process; `IMGCLASS_MAX_PIXELS` may set another number of pixels.

    With a larger number, files may be larger, too.

    Raises:
        UsageError: `IMGCLASS_MAX_PIXELS` is no number of pixels.

    Example:
        >>> usual_limits().file_bytes
        67108864
    """
    text = os.environ.get(MAX_PIXELS)
    if not text:
        return DEFAULT_LIMITS
    pixels = read_pixels(text)
    more = _LARGEST_PIXEL * pixels if pixels > DEFAULT_LIMITS.pixels else 0
    return Limits(pixels, file_bytes=max(DEFAULT_LIMITS.file_bytes, more))


@cache
def read_pixels(text: str) -> int:
    """Return a number of pixels from text such as `200000000`, `200_000_000`, or `200M`.

    Raises:
        UsageError: It is no such number, or less than 1.

    Example:
        >>> read_pixels("200M"), read_pixels("80_000_000")
        (200000000, 80000000)
    """
    digits = text.strip().replace("_", "").replace(",", "")
    number, unit = (digits[:-1], 10**6) if digits[-1:] in {"M", "m"} else (digits, 1)
    if not (number.isascii() and number.isdecimal() and len(number) <= _DIGITS and int(number)):
        raise UsageError(
            f"Expected a number of pixels, such as 200000000 or 200M; received {text[:100]!r}. "
            f"It is the limit of --max-pixels and of the environment variable {MAX_PIXELS}."
        )
    return int(number) * unit


# Pixels of a model's input: 201 MB as float32.
LARGEST_INPUT = 2**24
_BYTES = 3 * 4  # of a pixel: float32 RGB


def require_modest_size(image_size: tuple[int, int]) -> None:
    """Require that one image of this `(height, width)` in pixels fits in memory.

    Example:
        >>> require_modest_size((100_000, 100_000))
        Traceback (most recent call last):
        imgclass.errors.UsageError: Expected image_size of at most 16,777,216 pixels; ...
    """
    height, width = image_size
    if min(image_size) < 1 or height * width > LARGEST_INPUT:
        raise UsageError(
            f"Expected image_size of at most {LARGEST_INPUT:,} pixels; received "
            f"({height}, {width}), of which one image takes "
            f"{height * width * _BYTES / 1e9:,.1f} GB. Images are resized to it: choose a smaller "
            f"one (--image-size 224)."
        )
