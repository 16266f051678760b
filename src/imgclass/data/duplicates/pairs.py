"""Pairs of images that show one picture, and the groups that they form."""

from collections.abc import Sequence
from dataclasses import dataclass

from imgclass.data.duplicates.groups import Pair


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two images of one picture.

    Attributes:
        a: Index of the first.
        b: Index of the second; larger.
        distance: 0 for the same picture; 1 - correlation after alignment.
        is_exact: Whether the files are equal byte by byte.
        is_mirrored: Whether one is the mirror image of the other.
    """

    a: int
    b: int
    distance: float
    is_exact: bool = False
    is_mirrored: bool = False


@dataclass(frozen=True, slots=True)
class Duplicates:
    """All pairs that were found, and the groups that they form.

    Attributes:
        pairs: Equal files first, then the closest pictures. Of several equal ones, each is paired
            with the first only.
        groups: The images of each connected set of pairs, in order; sets in the order of their
            first image.
        set_aside: Number of pairs within the threshold that were dropped because they chained more
            than `groups.LARGEST` images together.
    """

    pairs: tuple[DuplicatePair, ...] = ()
    groups: tuple[tuple[int, ...], ...] = ()
    set_aside: int = 0


def label_conflicts(duplicates: Duplicates, labels: Sequence[str]) -> tuple[DuplicatePair, ...]:
    """Return the pairs with different labels: one of the two labels is an error.

    Args:
        duplicates: What was found.
        labels: Of each image.

    Example:
        >>> pair = DuplicatePair(0, 1, 0.0, is_exact=True)
        >>> label_conflicts(Duplicates((pair,), ((0, 1),)), ["cat", "dog"]) == (pair,)
        True
    """
    return tuple(pair for pair in duplicates.pairs if labels[pair.a] != labels[pair.b])


def repeats(values: Sequence[str | bytes]) -> list[Pair]:
    """Return each value that came before, as the indices of the first and of the repeated one.

    Empty values do not count.

    Example:
        >>> repeats(["x", "", "x", "", "x"])
        [(0, 2), (0, 4)]
    """
    first: dict[str | bytes, int] = {}
    return [
        (first[value], i)
        for i, value in enumerate(values)
        if value and first.setdefault(value, i) != i
    ]
