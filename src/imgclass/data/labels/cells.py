"""The values of a table as text."""

import os
from typing import Any

_NO_VALUE = frozenset({"NAType", "NaTType"})  # of pandas


def text_of(value: Any) -> str:
    """Return a cell as text; what stands for no value is empty.

    Example:
        >>> [text_of(value) for value in (3, 2.0, True, None, float("nan"))]
        ['3', '2.0', 'True', '', '']
    """
    if isinstance(value, str):
        return value
    if value is None or type(value).__name__ in _NO_VALUE or value != value:  # noqa: PLR0124 - NaN
        return ""
    return os.fspath(value) if isinstance(value, os.PathLike) else str(value)
