"""JSON from a model file, parsed only if its size, depth and number of values are small."""

from typing import Any

from imgclass.io.strict_json import parse_json
from imgclass.models.preflight.refusal import Refused

LARGEST = 16 * 2**20  # bytes
# A value becomes an object of up to 200 bytes. NASNetLarge, the largest of keras.applications, has
# 64,000 in 1.1 MB.
VALUES = 500_000
DIGITS = 40  # of a number; Keras writes floats with 17


def parse(data: bytes, *, member: str) -> Any:
    """Return the value of a member's JSON; all of its numbers are finite."""
    try:
        # The archive limits the bytes; the number of values limits the memory.
        return parse_json(
            data.decode(), limit=4 * LARGEST, most_values=VALUES, most_digits=DIGITS, finite=True
        )
    except ValueError as error:
        raise Refused(f"{member} cannot be read as JSON: {error}") from error
