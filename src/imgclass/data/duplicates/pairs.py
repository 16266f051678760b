"""Which images are the same picture: equal files, and pictures that were saved again.

A near-duplicate survives re-encoding, brightness, contrast, a shift of one or two pixels of 32 and
a mild crop, also when it is mirrored. It is found without comparing all pairs: outlines propose
candidates, and the aligned pictures decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imgclass.data.duplicates.alignment import aligned_distances
from imgclass.data.duplicates.fingerprints import Fingerprint, outlines
from imgclass.data.duplicates.groups import components, loosened
from imgclass.data.duplicates.neighbours import close_pairs

# Of the 1,546 pairs within it among the 50,000 training images of CIFAR-10 all but five have one
# label (docs/audit.md); well beyond it, seas and skies begin to pair.
THRESHOLD = 0.055
# Mirrored duplicates are rarer than their lookalikes beyond half of the threshold.
MIRRORED = 0.5
CANDIDATE = 0.88  # least correlation of outlines
CHUNK = 2**15  # pairs at a time
FLATTEST = 4.0  # grey levels; what has less structure resembles everything that has none


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two images of one picture.

    Attributes:
        a: Index of the first.
        b: Index of the second; larger.
        distance: 0 for the same picture; 1 - correlation after alignment.
        is_exact: Whether the files are equal byte by byte.
        is_mirrored: Whether one is the other as in a mirror.
    """

    a: int
    b: int
    distance: float
    is_exact: bool = False
    is_mirrored: bool = False


@dataclass(frozen=True, slots=True)
class Duplicates:
    """All pairs that were found, and the groups that they make.

    Attributes:
        pairs: Equal files first, then closest first. Of files that are all equal, and of pictures
            that are, each is paired with the first of them only.
        groups: The images of each connected set of pairs, in order; sets in the order of their
            first image.
        set_aside: Pairs within the threshold that are not in `pairs`, because they chained more
            than `grouping.LARGEST` images together.
    """

    pairs: tuple[DuplicatePair, ...]
    groups: tuple[tuple[int, ...], ...]
    set_aside: int = 0


def find_duplicates(
    fingerprints: Fingerprint | None,
    *,
    hashes: Sequence[str] = (),
    threshold: float = THRESHOLD,
) -> Duplicates:
    """Find equal files and near-duplicates.

    Pictures of almost one colour are compared by their bytes only, since each would resemble every
    other. The time grows a little faster than the number of images, and beside the fingerprints
    it takes about 1,500 bytes an image.

    Args:
        fingerprints: `fingerprint` of each image, `(n, 16, 16, 3)`; zeros where there is none. None
            where only equal files are looked for.
        hashes: Of each image's bytes; an empty one where there is none.
        threshold: The largest distance of a near-duplicate, in 0-2; half of it where mirrored.

    Example:
        >>> pictures = np.random.default_rng(0).integers(0, 200, (3, 16, 16, 3)).astype(np.uint8)
        >>> brighter = pictures[:1] + np.uint8(40)
        >>> find_duplicates(np.concatenate([pictures, brighter])).groups
        ((0, 3),)
    """
    equal = _repeats(list(hashes)) if hashes else []
    exact = {b for _, b in equal}
    pairs = [DuplicatePair(a, b, 0.0, is_exact=True) for a, b in equal]
    if fingerprints is None:
        return Duplicates(tuple(pairs), components(equal))
    flat, strength = outlines(fingerprints)
    distinct = [i for i in range(len(fingerprints)) if i not in exact and strength[i] >= FLATTEST]
    same = _repeats([fingerprints[i].tobytes() for i in distinct])
    same = [(distinct[a], distinct[b]) for a, b in same]
    known = {b for _, b in same}
    # In an order of their own, so that the order in which images come has no say.
    rest = np.array(
        sorted((i for i in distinct if i not in known), key=lambda i: fingerprints[i].tobytes()),
        np.int64,
    )
    near = _near(fingerprints, rest, flat[rest], threshold)
    near = [DuplicatePair(a, b, 0.0) for a, b in same] + near
    kept = loosened([(p.a, p.b, p.distance) for p in near], bonds=equal, threshold=threshold)
    pairs += sorted((near[i] for i in kept), key=lambda p: (p.distance, p.a, p.b))
    return Duplicates(tuple(pairs), components((p.a, p.b) for p in pairs), len(near) - len(kept))


def duplicate_groups(duplicates: Duplicates, *, total: int) -> tuple[int, ...]:
    """Return a group for each image: the index of the first image of its group, or its own.

    Args:
        duplicates: What was found.
        total: Number of images.

    Example:
        >>> duplicate_groups(Duplicates((), ((1, 3),)), total=5)
        (0, 1, 2, 1, 4)
    """
    groups = list(range(total))
    for group in duplicates.groups:
        for index in group:
            groups[index] = group[0]
    return tuple(groups)


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


def exact_repeats(duplicates: Duplicates) -> tuple[tuple[int, int], ...]:
    """Return each image whose bytes an earlier one has, with that one: `(repeated, kept)`.

    The first in order is kept, which is the first in the file of labels.

    Example:
        >>> pair = DuplicatePair(0, 1, 0.0, is_exact=True)
        >>> exact_repeats(Duplicates((pair,), ((0, 1),)))
        ((1, 0),)
    """
    return tuple((pair.b, pair.a) for pair in duplicates.pairs if pair.is_exact)


def _repeats(values: Sequence[str | bytes]) -> list[tuple[int, int]]:
    """Return the values that came before, as indices of the first and of the repeated one."""
    first: dict[str | bytes, int] = {}
    return [
        (first[value], i)
        for i, value in enumerate(values)
        if value and first.setdefault(value, i) != i
    ]


def _near(
    fingerprints: Fingerprint,
    chosen: NDArray[np.int64],
    flat: NDArray[np.float32],
    threshold: float,
) -> list[DuplicatePair]:
    """Return the near-duplicates among the chosen images, whose outlines are `flat`."""
    n = len(chosen)
    mirrored, _ = outlines(fingerprints[chosen][:, :, ::-1])
    candidates = close_pairs(np.concatenate([flat, mirrored]), correlation=CANDIDATE)
    candidates = candidates[
        (candidates[:, 0] < n) & (candidates[:, 0] < candidates[:, 1] % max(n, 1))
    ]
    found: dict[tuple[int, int], DuplicatePair] = {}
    for start in range(0, len(candidates), CHUNK):
        pairs = candidates[start : start + CHUNK]
        some, others = fingerprints[chosen[pairs[:, 0]]], fingerprints[chosen[pairs[:, 1] % n]]
        turned = pairs[:, 1] >= n
        others[turned] = others[turned][:, :, ::-1]
        distances = aligned_distances(some, others)
        for at in np.flatnonzero(distances <= np.where(turned, MIRRORED, 1) * threshold):
            a, b = sorted(int(chosen[i % n]) for i in pairs[at])
            pair = DuplicatePair(a, b, float(distances[at]), is_mirrored=bool(turned[at]))
            if (a, b) not in found or pair.distance < found[a, b].distance:
                found[a, b] = pair
    return list(found.values())
