"""JSON of strangers: read only when its size, depth and number of values are known to be small."""

import json
import re
from typing import Any

from imgclass.models.preflight.refusal import Refused

# The largest of keras.applications, NASNetLarge, is 1.1 MB, 64,000 values and 11 deep.
DEPTH = 100
VALUES = 500_000  # a Python object of each takes up to 200 bytes
DIGITS = 40  # of an integer; Keras writes floats with 17

# Possessive: a text of ten million escapes is passed over without remembering each.
_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % (DIGITS + 1))
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def parse(data: bytes, *, member: str) -> Any:
    """Return what a member's JSON holds, every number of it finite.

    Args:
        data: The bytes; at most some tens of megabytes.
        member: Its name, for the message.

    Raises:
        Refused: It is deep, has too many values or digits, or is no JSON.

    Example:
        >>> parse(b'{"units": 3}', member="config.json")
        {'units': 3}
    """
    if b"\0" in data or data.startswith(b"\xef\xbb\xbf"):
        raise Refused(f"{member} is not plain UTF-8 text.")
    bare = _TEXT.sub(b"", data)
    values = sum(map(bare.count, (b",", b"[", b"{")))
    if values > VALUES:
        raise Refused(f"{member} has {values:,} values; at most {VALUES:,} are read.")
    if _LONG_NUMBER.search(bare):
        raise Refused(f"{member} has a number of more than {DIGITS} digits.")
    if depth(bare) > DEPTH:
        raise Refused(f"{member} is nested deeper than {DEPTH}.")
    try:
        return json.loads(data.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(f"{member} is no JSON that can be read: {error}") from error


def depth(bare: bytes) -> int:
    """Return how deep the brackets of a text without strings are nested.

    Example:
        >>> depth(b"[[],{}]")
        2
    """
    deepest = level = 0
    for bracket in bare.translate(None, _NOT_BRACKETS):
        level += _STEPS[bracket]
        if level > deepest:
            deepest = level
            if deepest > DEPTH:
                break
    return deepest


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")
