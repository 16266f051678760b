"""Joining pairs into groups, without chaining a whole data set together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

LAST_DIGIT = 1e-4  # of a distance; closer pictures are equal
LARGEST = 100  # images that pairs may chain together; a burst of photographs is smaller

Pair = tuple[int, int]


def components(pairs: Iterable[Pair]) -> tuple[tuple[int, ...], ...]:
    """Return the connected sets of the indices in `pairs`, each sorted, in order of their first."""
    parents: dict[int, int] = {}
    for a, b in pairs:
        some, other = sorted((_root(parents, a), _root(parents, b)))
        parents[other] = some
    members: dict[int, list[int]] = defaultdict(list)
    for index in sorted(parents):
        members[_root(parents, index)].append(index)
    return tuple(tuple(group) for _, group in sorted(members.items()))


def loosened(
    pairs: Sequence[tuple[int, int, float]],
    *,
    bonds: Sequence[Pair] = (),
    threshold: float,
    largest: int = LARGEST,
) -> list[int]:
    """Return indices of the pairs that remain so that at most `largest` images are connected.

    If more are, some link is mere resemblance: in that set alone the threshold is halved until the
    set falls apart. Pairs at distance 0 and `bonds` always remain.

    Example:
        >>> loosened([(0, 1, 0.01), (1, 2, 0.09), (5, 6, 0.09)], threshold=0.1, largest=2)
        [0, 2]
    """
    kept: Sequence[int] = range(len(pairs))
    while True:
        threshold = threshold / 2 if threshold > LAST_DIGIT else 0.0
        sets = components([*bonds, *(pairs[i][:2] for i in kept)])
        huge = {index for group in sets if len(group) > largest for index in group}
        left = [i for i in kept if pairs[i][0] not in huge or pairs[i][2] <= threshold]
        if len(left) == len(kept) and (not huge or threshold == 0):
            return left
        kept = left


def _root(parents: dict[int, int], index: int) -> int:
    root = parents.setdefault(index, index)
    while parents[root] != root:
        root = parents[root]
    while parents[index] != root:
        parents[index], index = root, parents[index]
    return root
