"""What an image may cost before it is refused."""

from dataclasses import dataclass


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
