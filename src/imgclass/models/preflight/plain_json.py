"""JSON of strangers: read only when its size, depth and number of values are known to be small."""

from typing import Any

from imgclass.io.strict_json import parse_json
from imgclass.models.preflight.refusal import Refused

LARGEST = 16 * 2**20  # bytes
# The largest of keras.applications, NASNetLarge, is 1.1 MB with 64,000 values. A Python object of
# each takes up to 200 bytes.
VALUES = 500_000
DIGITS = 40  # of a number; Keras writes floats with 17


def parse(data: bytes, *, member: str) -> Any:
    """Return what a member's JSON holds, every number of it finite.

    Args:
        data: The bytes.
        member: Its name, for the message.

    Raises:
        Refused: It is deep, has too many values or digits, or is no JSON.

    Example:
        >>> parse(b'{"units": 3}', member="config.json")
        {'units': 3}
    """
    try:
        # The archive has capped the bytes; here the number of values is what bounds the memory.
        return parse_json(
            data.decode(), limit=4 * LARGEST, most_values=VALUES, most_digits=DIGITS, finite=True
        )
    except ValueError as error:
        raise Refused(f"{member} is no JSON that can be read: {error}") from error
