"""Checks of settings: a value is held to its type and its range at the moment it is given."""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from numbers import Integral, Real
from operator import ge, gt, le, lt
from typing import Any

from imgclass.errors import UsageError
from imgclass.formatting import shown_value

SIDES = 2  # height and width
LONGEST_WORD = 100  # characters; comparing names takes the square of their length


@dataclass(frozen=True, slots=True)
class Check:
    """What a setting may be.

    Attributes:
        expected: The values that fit, in words that follow "Expected epochs to be".
        clean: Returns a value that fits as Python's own type, and raises ValueError for another.
        names: The names among the values, from which a misspelt one is told the nearest.

    Example:
        >>> whole(1).expected
        'a whole number >= 1'
    """

    expected: str
    clean: Callable[[Any], Any]
    names: tuple[str, ...] = ()


def checked(name: str, value: Any, check: Check) -> Any:
    """Return `value` as `check` makes it: NumPy's numbers become Python's, lists become tuples.

    Args:
        name: What the setting is called, for the message.
        value: What was given.
        check: What it may be.

    Raises:
        UsageError: It does not fit; the message says what does, and the nearest name.

    Example:
        >>> checked("pooling", "maxx", one_of(("avg", "max")))
        Traceback (most recent call last):
        imgclass.errors.UsageError: Expected pooling to be one of avg, max; received pooling='maxx'.
        Did you mean 'max'?
    """
    try:
        return check.clean(value)
    except (ValueError, OverflowError):
        raise UsageError(
            f"Expected {name} to be {check.expected}; received {name}={shown_value(value)}."
            f"{_nearest(value, check.names)}"
        ) from None


def check_fields(settings: Any, checks: Mapping[str, Check]) -> None:
    """Check fields of a frozen dataclass, and store each as its check makes it.

    It is for `__post_init__`, where the value is still being made.

    Raises:
        UsageError: A field does not fit.
    """
    for name, check in checks.items():
        object.__setattr__(settings, name, checked(name, getattr(settings, name), check))


def whole(at_least: int) -> Check:
    """Expect a whole number; `True` and `2.0` are none.

    Example:
        >>> import numpy as np
        >>> checked("epochs", np.int64(3), whole(1))
        3
    """

    def clean(value: Any) -> int:
        _require(is_number(value) and isinstance(value, Integral))
        plain = int(value)
        _require(plain >= at_least)
        return plain

    return Check(f"a whole number >= {at_least}", clean)


def number(
    *,
    at_least: float | None = None,
    above: float | None = None,
    at_most: float | None = None,
    below: float | None = None,
    keep_whole: bool = False,
) -> Check:
    """Expect a finite number within these ends.

    Args:
        at_least: The lowest that fits.
        above: The lowest that does not.
        at_most: The highest that fits.
        below: The highest that does not.
        keep_whole: Whether a whole number stays an `int`; it becomes a `float` otherwise.

    Example:
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
    return Check(f"a {'finite ' if is_open else ''}number {words}".rstrip(), clean)


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
    """Expect true or false; numbers are neither."""

    def clean(value: Any) -> bool:
        # NumPy's own booleans are no subclass of Python's.
        _require(isinstance(value, bool) or type(value).__name__ in {"bool", "bool_"})
        return bool(value)

    return Check("True or False", clean)


def text(words: str) -> Check:
    """Expect a text that is not empty; a path is taken as its text.

    Example:
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
        >>> checked("patience", None, optional(whole(1))) is None
        True
    """
    return Check(
        f"{check.expected}, or None",
        lambda value: None if value is None else check.clean(value),
        check.names,
    )


def either(first: Check, second: Check) -> Check:
    """Expect what one of two checks expects."""

    def clean(value: Any) -> Any:
        try:
            return first.clean(value)
        except ValueError:
            return second.clean(value)

    names = first.names + second.names
    return Check(f"{first.expected} or {second.expected}", clean, names)


def several(check: Check, words: str) -> Check:
    """Expect a list or tuple, each item of which fits `check`; it becomes a tuple.

    Example:
        >>> checked("head_units", [256, 64], several(whole(1), "whole numbers >= 1"))
        (256, 64)
    """

    def clean(value: Any) -> tuple[Any, ...]:
        _require(isinstance(value, list | tuple))
        return tuple(map(check.clean, value))

    return Check(words, clean)


def pixels() -> Check:
    """Expect an image size: one number for both sides, or a pair; it becomes `(height, width)`.

    Example:
        >>> checked("image_size", 224, pixels()), checked("image_size", [32, 48], pixels())
        ((224, 224), (32, 48))
    """
    side = whole(1)

    def clean(value: Any) -> tuple[int, ...]:
        sides = tuple(value) if isinstance(value, list | tuple) else (value, value)
        _require(len(sides) == SIDES)
        return tuple(map(side.clean, sides))

    return Check("(height, width) or one number for both, whole numbers of pixels >= 1", clean)


def is_number(value: Any) -> bool:
    """Return whether `value` is a real number, Python's or NumPy's; booleans are none.

    Example:
        >>> is_number(2), is_number(True), is_number("2")
        (True, False, False)
    """
    return isinstance(value, Real) and not isinstance(value, bool)


def _require(fits: bool) -> None:  # noqa: FBT001 - a condition, as in `assert`
    if not fits:
        raise ValueError


def _nearest(value: Any, names: tuple[str, ...]) -> str:
    is_word = isinstance(value, str) and len(value) <= LONGEST_WORD
    found = get_close_matches(value.lower(), names, n=1) if is_word else []
    return f" Did you mean {found[0]!r}?" if found else ""
