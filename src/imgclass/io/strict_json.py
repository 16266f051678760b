"""JSON from strangers to plain values; deep nesting, repeated keys and excess are refused.

`json.loads` raises a RecursionError, or crashes, on deep brackets; takes minutes for a number of a
million digits if Python's own limit is off; keeps the last of two equal keys; and may need 200
bytes of memory for 7 bytes of text.
"""

import json
import re
from itertools import accumulate
from typing import Any, NoReturn

from imgclass.formatting import shown_value

DEEPEST = 100  # nested brackets; files of imgclass have 10
MOST_DIGITS = 100  # digits of a number; a float has at most 17, and 64 bits have 19
# Characters of its limit for each quotation mark, value, and object or list that a text may have.
# As Python values, four quotation marks, or a list, take up to 240 bytes.
PER_QUOTE, PER_VALUE, PER_CONTAINER = 16, 10, 128
FEW = 1000  # of each are always allowed

_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NUMBER = rb"[0-9]{%d,}"
_OPEN = frozenset(b"[{")
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def parse_json(
    text: str,
    *,
    limit: int,
    most_values: int | None = None,
    most_digits: int = MOST_DIGITS,
    finite: bool = False,
) -> Any:
    """Return the value of a JSON text of at most `limit` characters; a ValueError says why not.

    `most_values` is for texts that have far fewer values than usual ones of this size. Without
    `finite` the words NaN and Infinity, which are not JSON, become floats.
    """
    _require_modest(
        text,
        limit,
        most_values=limit // PER_VALUE if most_values is None else most_values,
        most_digits=most_digits,
    )
    constant = _refused if finite else None
    try:
        return json.loads(text, object_pairs_hook=_without_repetition, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"expected JSON; line {error.lineno}, column {error.colno}: {error.msg}."
        ) from error


def nesting(text: str | bytes) -> int:
    """Return how deep the brackets of a JSON text nest, those inside strings left out."""
    content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return _depth(_TEXT.sub(b"", content).translate(None, _ALL_BUT_BRACKETS))


def _depth(brackets: bytes) -> int:
    return max(accumulate(1 if code in _OPEN else -1 for code in brackets), default=0)


def _require_modest(text: str, limit: int, *, most_values: int, most_digits: int) -> None:
    """Refuse a text above a limit; cheap counts come first, so later ones take little time."""
    _require_at_most(len(text), limit, "characters")
    _require_at_most(text.count('"'), max(FEW, limit // PER_QUOTE), "quotation marks")
    outside = _TEXT.sub(b"", text.encode("utf-8", "surrogatepass"))
    containers = outside.count(b"[") + outside.count(b"{")
    _require_at_most(containers, max(FEW, limit // PER_CONTAINER), "objects and lists")
    _require_at_most(containers + outside.count(b","), max(FEW, most_values), "values")
    if (long := re.search(_NUMBER % (most_digits + 1), outside)) is not None:
        _require_at_most(len(long[0]), most_digits, "digits in a number")
    if containers > DEEPEST:
        brackets = outside.translate(None, _ALL_BUT_BRACKETS)[: 2 * containers]
        _require_at_most(_depth(brackets), DEEPEST, "nested brackets")


def _require_at_most(received: int, most: int, what: str) -> None:
    if received > most:
        raise ValueError(f"expected at most {most:,} {what}; received {received:,}.")


def _refused(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a JSON number.")


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    built = dict(pairs)
    if len(built) < len(pairs):
        _name_repetition(pairs)
    return built


def _name_repetition(pairs: list[tuple[str, Any]]) -> NoReturn:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise ValueError(f"expected each key once; received {shown_value(key)} twice.")
        seen.add(key)
    raise AssertionError("a key is repeated")
