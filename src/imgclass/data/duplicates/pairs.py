"""Which images are the same picture: equal files, and pictures that were saved again.

A near-duplicate survives re-encoding, brightness, contrast, a shift of one or two pixels of 32 and
a mild crop, also when it is mirrored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgclass.data.duplicates.groups import Pair, components

if TYPE_CHECKING:
    from imgclass.data.duplicates.fingerprints import Fingerprint

# Of the 1,546 pairs within it among the 50,000 training images of CIFAR-10 all but five have one
# label (docs/audit.md); well beyond it, seas and skies begin to pair.
THRESHOLD = 0.055
# Beyond half of the threshold, lookalikes of mirrored pictures are more frequent than duplicates.
MIRRORED = 0.5


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
        pairs: Equal files first, then the closest pictures first. Of several equal files or
            pictures, each is paired with the first only.
        groups: The images of each connected set of pairs, in order; sets in the order of their
            first image.
        set_aside: Number of pairs within the threshold that are not in `pairs`, because they
            chained more than `groups.LARGEST` images together.
    """

    pairs: tuple[DuplicatePair, ...] = ()
    groups: tuple[tuple[int, ...], ...] = ()
    set_aside: int = 0


def find_duplicates(
    fingerprints: "Fingerprint | None",
    *,
    hashes: Sequence[str] = (),
    threshold: float = THRESHOLD,
) -> Duplicates:
    """Find equal files and near-duplicates.

    Pictures of almost one colour are compared by their bytes only, since each resembles every
    other. The time grows a little faster than the number of images, and in addition to the
    fingerprints it takes about 1,500 bytes an image.

    Args:
        fingerprints: `fingerprint` of each image, `(n, 16, 16, 3)`; zeros for an image without
            one. None to look for equal files only.
        hashes: Of each image's bytes; an empty one if unknown.
        threshold: The largest distance of a near-duplicate, in 0-2; half of it if mirrored.

    Example:
        >>> import numpy as np
        >>> pictures = np.random.default_rng(0).integers(0, 200, (3, 16, 16, 3)).astype(np.uint8)
        >>> brighter = pictures[:1] + np.uint8(40)
        >>> find_duplicates(np.concatenate([pictures, brighter])).groups
        ((0, 3),)
    """
    equal = repeats(hashes)
    pairs = [DuplicatePair(a, b, 0.0, is_exact=True) for a, b in equal]
    set_aside = 0
    if fingerprints is not None:
        from imgclass.data.duplicates.near_duplicates import find_near_duplicates  # NumPy

        near, set_aside = find_near_duplicates(fingerprints, equal, threshold=threshold)
        pairs += near
    return Duplicates(tuple(pairs), components((p.a, p.b) for p in pairs), set_aside)


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
