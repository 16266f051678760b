"""The largest images that are accepted."""

from dataclasses import dataclass

from imgclass.errors import UsageError


@dataclass(frozen=True, slots=True)
class Limits:
    """What an image may cost before it is refused.

    Attributes:
        pixels: Width times height; 50 million take about 700 MB and 2 s to decode and turn.
        file_bytes: Size of the file.
    """

    pixels: int = 50_000_000
    file_bytes: int = 64 * 2**20


DEFAULT_LIMITS = Limits()

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
