"""Tables with a column for each class, in which 1 marks the class of a row."""

import re
from collections.abc import Sequence

from imgclass.data.faults import listing
from imgclass.errors import LabelsError

# As spreadsheets and pandas write them, decimal commas included.
_ONE = re.compile(r"\s*(?:1(?:[.,]0*)?|true)\s*", re.IGNORECASE)
_ZERO = re.compile(r"\s*(?:0(?:[.,]0*)?|false)\s*", re.IGNORECASE)


def is_mark(cell: str) -> bool:
    """Return whether a cell is 0 or 1, as one-hot tables have them.

    Example:
        >>> [is_mark(cell) for cell in ("1.0", "0,0", "True", "2", "cat")]
        [True, True, True, False, False]
    """
    return bool(_ONE.fullmatch(cell) or _ZERO.fullmatch(cell))


def marked_class(cells: Sequence[str], class_names: Sequence[str]) -> str:
    """Return the class whose cell is 1; empty if all are 0. Anything else is a LabelsError.

    Example:
        >>> marked_class(["0", "1"], ["MEL", "NV"])
        'NV'
    """
    marked = []
    for name, cell in zip(class_names, cells, strict=True):
        if _ONE.fullmatch(cell):
            marked.append(name)
        elif not _ZERO.fullmatch(cell):
            raise LabelsError(
                f"0 or 1 expected in the column {name!r}; received {cell[:40]!r}; if it is not a "
                "class, name those that are: label_column (--label-column, once for each)"
            )
    if len(marked) > 1:
        raise LabelsError(f"one class expected; 1 is in {listing(marked)}")
    return marked[0] if marked else ""
