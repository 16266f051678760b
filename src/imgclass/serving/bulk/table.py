"""A table of predictions as a CSV file holds it: which rows, and what stands in them."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np

from imgclass.serving.prediction import Prediction

Row = Sequence[str]


class Table(Protocol):
    """Which image each row is about, and what a row says."""

    @property
    def header(self) -> Row:
        """The names of the columns."""
        ...

    @property
    def images(self) -> Sequence[str]:
        """The path of the image of each row."""
        ...

    def keys(self) -> Iterator[str]:
        """Yield the first field of each row, by which it is recognised."""
        ...

    def rows(self, start: int) -> Callable[[Prediction], Row]:
        """Return what makes one row after the other, from row `start` (from 0) on."""
        ...


def format_rows(rows: Iterable[Row]) -> bytes:
    r"""Return rows as CSV in UTF-8; each ends with a line feed.

    Bytes of file names that are not UTF-8 are kept.

    Example:
        >>> format_rows([("a,b.png", "cat")])
        b'"a,b.png",cat\n'
    """
    text = io.StringIO()
    plain = csv.writer(text, lineterminator="\n")
    # Before Python 3.13 a carriage return alone is not quoted where lines do not end with it.
    quoted = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in rows:
        (quoted if any("\r" in field for field in row) else plain).writerow(row)
    return text.getvalue().encode("utf-8", "surrogateescape")


def format_probability(probability: np.floating) -> str:
    """Return a probability in the fewest digits that give back the same number.

    Example:
        >>> format_probability(np.float32(0.1)), format_probability(np.float32(1))
        ('0.1', '1.0')
    """
    return str(probability)
