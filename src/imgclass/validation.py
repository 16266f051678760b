"""Validation of values by Checks, which say what a value may be."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from numbers import Real
from typing import Any

from imgclass.errors import UsageError
from imgclass.formatting import shown_value

LONGEST_WORD = 100  # characters; comparing names takes the square of their length


@dataclass(frozen=True, slots=True)
class Check:
    """What a setting may be.

    Attributes:
        expected: The allowed values, in words that follow "Expected epochs to be".
        clean: Returns an allowed value as Python's own type; raises ValueError for others.
        names: The names among the values; the nearest is suggested for a misspelt one.
        kind: The type of its command-line option: `int`, `float`, `bool`, or `str`.
        parse: Returns the value of an option's text, for `clean`; raises ValueError.
    """

    expected: str
    clean: Callable[[Any], Any]
    names: tuple[str, ...] = ()
    kind: type = str
    parse: Callable[[str], Any] = str

    def text(self, value: Any) -> str | None:
        """Return an option's text that means `value`; None if there is none.

        Example:
            >>> from imgclass.checks import pixels, whole
            >>> pixels().text((32, 32)), pixels().text((48, 32)), whole(1).text(None)
            ('32', '48,32', None)
        """
        words = [str(word) for word in value] if isinstance(value, tuple) else [str(value)]
        for text in (*words[:1], ",".join(words), *self.names):
            with suppress(ValueError, OverflowError):
                read = self.clean(self.parse(text))
                if type(read) is type(value) and read == value:
                    return text
        return None


def checked(name: str, value: Any, check: Check) -> Any:
    """Return `value` if `check` allows it; NumPy's numbers become Python's, lists become tuples.

    Otherwise it is a UsageError that says what is allowed, and suggests the nearest name.
    """
    try:
        return check.clean(value)
    except UsageError:
        raise
    except (ValueError, OverflowError):
        raise UsageError(
            f"Expected {name} to be {check.expected}; received {name}={shown_value(value)}."
            f"{_nearest(value, check.names)}"
        ) from None


def is_number(value: Any) -> bool:
    """Return whether `value` is a real number, of Python or NumPy, and no boolean."""
    return isinstance(value, Real) and not isinstance(value, bool)


def _nearest(value: Any, names: tuple[str, ...]) -> str:
    is_word = isinstance(value, str) and len(value) <= LONGEST_WORD
    found = get_close_matches(value.lower(), names, n=1) if is_word else []
    return f" Did you mean {found[0]!r}?" if found else ""
