"""Checks: whole numbers, numbers, names, texts, image sizes, and combinations of them."""

import math
import os
from dataclasses import replace
from numbers import Integral
from operator import ge, gt, le, lt
from typing import Any

from imgclass.validation import Check, is_number

SIDES = 2  # height and width


def whole(at_least: int) -> Check:
    """Expect a whole number; `True` and `2.0` are refused."""

    def clean(value: Any) -> int:
        _require(is_number(value) and isinstance(value, Integral))
        plain = int(value)
        _require(plain >= at_least)
        return plain

    return Check(f"a whole number >= {at_least}", clean, kind=int, parse=int)


def number(
    *,
    at_least: float | None = None,
    above: float | None = None,
    at_most: float | None = None,
    below: float | None = None,
    keep_whole: bool = False,
) -> Check:
    """Expect a finite number within bounds; with `keep_whole` an `int` stays one."""
    ends = ((">=", at_least, ge), (">", above, gt), ("<=", at_most, le), ("<", below, lt))
    given = [(sign, end, fits) for sign, end, fits in ends if end is not None]

    def clean(value: Any) -> float:
        _require(is_number(value))
        plain = int(value) if keep_whole and isinstance(value, Integral) else float(value)
        _require(math.isfinite(plain) and all(fits(plain, end) for _, end, fits in given))
        return plain

    is_open = at_most is None and below is None
    words = " and ".join(f"{sign} {end:g}" for sign, end, _ in given)
    expected = f"a {'finite ' if is_open else ''}number {words}".rstrip()
    return Check(expected, clean, kind=float, parse=float)


def one_of(values: tuple[Any, ...]) -> Check:
    """Expect one of a few names or whole numbers."""

    def clean(value: Any) -> Any:
        plain = int(value) if isinstance(value, Integral) and is_number(value) else value
        found = [known for known in values if isinstance(plain, type(known)) and plain == known]
        # True equals 1, but nobody means it as a number.
        _require(bool(found) and not isinstance(plain, bool))
        return found[0]

    names = tuple(value for value in values if isinstance(value, str))
    return Check(f"one of {', '.join(map(str, values))}", clean, names)


def flag() -> Check:
    """Expect True or False, and no number."""

    def clean(value: Any) -> bool:
        # NumPy's own booleans are no subclass of Python's.
        _require(isinstance(value, bool) or type(value).__name__ in {"bool", "bool_"})
        return bool(value)

    return Check("True or False", clean, kind=bool)


def text(words: str) -> Check:
    """Expect a text that is not empty; a path becomes its text."""

    def clean(value: Any) -> str:
        plain = os.fspath(value) if isinstance(value, os.PathLike) else value
        _require(isinstance(plain, str) and bool(plain))
        return str(plain)

    return Check(words, clean)


def instance(kind: type, words: str) -> Check:
    """Expect an object of a class.

    Example:
        >>> from imgclass.validation import checked
        >>> checked("spec", {}, instance(int, "an int"))
        Traceback (most recent call last):
        imgclass.errors.UsageError: Expected spec to be an int; received spec={}.
    """

    def clean(value: Any) -> Any:
        _require(isinstance(value, kind))
        return value

    return Check(words, clean)


def optional(check: Check) -> Check:
    """Expect None or what `check` expects."""
    return replace(
        check,
        expected=f"{check.expected}, or None",
        clean=lambda value: None if value is None else check.clean(value),
    )


def either(first: Check, second: Check) -> Check:
    """Expect what one of two checks expects; the first that accepts a value counts."""

    def clean(value: Any) -> Any:
        try:
            return first.clean(value)
        except ValueError:
            return second.clean(value)

    def parse(text: str) -> Any:
        try:
            return first.clean(first.parse(text))
        except ValueError:
            return second.parse(text)

    names = first.names + second.names
    return Check(f"{first.expected} or {second.expected}", clean, names, parse=parse)


def several(check: Check, words: str) -> Check:
    """Expect a list or tuple of items that `check` allows; it becomes a tuple."""

    def clean(value: Any) -> tuple[Any, ...]:
        _require(isinstance(value, list | tuple))
        return tuple(map(check.clean, value))

    return Check(words, clean, parse=lambda text: _items(text, check))


def pixels() -> Check:
    """Expect one number for both sides, or a pair; it becomes `(height, width)` in pixels."""
    side = whole(1)

    def clean(value: Any) -> tuple[int, ...]:
        sides = tuple(value) if isinstance(value, list | tuple) else (value, value)
        _require(len(sides) == SIDES)
        return tuple(map(side.clean, sides))

    def parse(text: str) -> Any:
        sides = _items(text, side)
        return sides if len(sides) > 1 else sides[0]

    words = "(height, width) or one number for both, whole numbers of pixels >= 1"
    return Check(words, clean, parse=parse)


def _items(text: str, check: Check) -> tuple[Any, ...]:
    """Return the parts of a text between commas, as `check` parses them."""
    return tuple(check.parse(part.strip()) for part in text.split(","))


def _require(fits: bool) -> None:  # noqa: FBT001 - a condition, as in `assert`
    if not fits:
        raise ValueError
