"""Limits on the parts of a value read from a file: numbers are finite, texts short."""

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any

from imgclass.formatting import cut, shown_value

LONGEST_KEY = 60  # characters of a key that a message shows


def require_modest(value: Any, at: str, *, finite: bool, longest: int) -> None:
    """Refuse a value with a number that is not finite or a text of over `longest` characters.

    Example:
        >>> require_modest({"loss": [0.5, math.inf]}, "scores", finite=True, longest=9)
        Traceback (most recent call last):
        ValueError: scores.loss[1]: expected a finite number; received inf.
    """
    if finite and isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{at}: expected a finite number; received {value}.")
    if isinstance(value, str) and len(value) > longest:
        raise ValueError(
            f"{at}: expected at most {longest:,} characters; received {shown_value(value)}, of "
            f"{len(value):,}."
        )
    for name, part in _parts(value):
        require_modest(part, f"{at}{name}", finite=finite, longest=longest)


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the parts of a value, each with its place, such as `.loss` or `[1]`."""
    if dataclasses.is_dataclass(value):
        yield from ((f".{f.name}", getattr(value, f.name)) for f in dataclasses.fields(value))
    elif isinstance(value, Mapping):
        yield from ((f".{short_key(key)}", item) for key, item in value.items())
    elif isinstance(value, tuple | list) and not all(type(item) is int for item in value):
        yield from ((f"[{i}]", item) for i, item in enumerate(value))


def short_key(key: str) -> str:
    """Return a key of a mapping, shortened for a message."""
    return cut(key[: 2 * LONGEST_KEY], LONGEST_KEY)
