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
    """Expect a whole number; `True` and `2.0` are not whole numbers here.

    Example:
        >>> from imgclass.validation import checked
        >>> import numpy as np
        >>> checked("epochs", np.int64(3), whole(1))
        3
    """

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
    """Expect a finite number within bounds.

    Args:
        at_least: Lower bound, allowed.
        above: Lower bound, not allowed.
        at_most: Upper bound, allowed.
        below: Upper bound, not allowed.
        keep_whole: Whether a whole number stays an `int` instead of becoming a `float`.

    Example:
        >>> from imgclass.validation import checked
        >>> checked("dropout", 0, number(at_least=0, below=1))
        0.0
    """
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
    """Expect one of a few names or whole numbers.

    Example:
        >>> one_of(("crop", "pad")).expected
        'one of crop, pad'
    """

    def clean(value: Any) -> Any:
        plain = int(value) if isinstance(value, Integral) and is_number(value) else value
        found = [known for known in values if isinstance(plain, type(known)) and plain == known]
        # True equals 1 and is an int, but nobody means it as a number.
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
    """Expect a text that is not empty; a path becomes its text.

    Example:
        >>> from imgclass.validation import checked
        >>> from pathlib import Path
        >>> checked("weights", Path("mine.h5"), text("the path of a file"))
        'mine.h5'
    """

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
    """Expect None or what `check` expects.

    Example:
        >>> from imgclass.validation import checked
        >>> checked("patience", None, optional(whole(1))) is None
        True
    """
    return replace(
        check,
        expected=f"{check.expected}, or None",
        clean=lambda value: None if value is None else check.clean(value),
    )


def either(first: Check, second: Check) -> Check:
    """Expect what one of two checks expects; the first one that accepts a value counts.

    Example:
        >>> either(whole(1), text("a name")).parse("30")
        30
    """

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
    """Expect a list or tuple of items that `check` allows; it becomes a tuple.

    Example:
        >>> from imgclass.validation import checked
        >>> units = several(whole(1), "whole numbers >= 1")
        >>> checked("head_units", [256, 64], units), units.parse("256, 64")
        ((256, 64), (256, 64))
    """

    def clean(value: Any) -> tuple[Any, ...]:
        _require(isinstance(value, list | tuple))
        return tuple(map(check.clean, value))

    return Check(words, clean, parse=lambda text: _items(text, check))


def pixels() -> Check:
    """Expect an image size: one number for both sides, or a pair; it becomes `(height, width)`.

    Example:
        >>> from imgclass.validation import checked
        >>> checked("image_size", 224, pixels()), checked("image_size", [32, 48], pixels())
        ((224, 224), (32, 48))
    """
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
    """Return the parts of a text between commas, each as `check` parses it."""
    return tuple(check.parse(part.strip()) for part in text.split(","))


def _require(fits: bool) -> None:  # noqa: FBT001 - a condition, as in `assert`
    if not fits:
        raise ValueError
