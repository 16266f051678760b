"""Which of many unit vectors lie close: a forest of random projections instead of all pairs.

Each tree halves the vectors at the median of a random projection, and each half again, until the
groups are small; within a group all pairs are compared. Close vectors fall into one group in most
trees (S. Dasgupta and Y. Freund, Random projection trees and low dimensional manifolds, STOC
2008). The time is that of sorting, not that of all pairs.
"""

import numpy as np
from numpy.typing import NDArray

GROUP = 128  # vectors that are compared all with all
NEIGHBOURS = 8  # kept for a vector: what is close to more is tied to them through these
TREES = 24  # a pair at a correlation of 0.9 shares a group in 1 of 4 trees of 50,000 vectors

Floats = NDArray[np.float32]
Pairs = NDArray[np.int64]


def close_pairs(vectors: Floats, *, correlation: float, trees: int = TREES, seed: int = 0) -> Pairs:
    """Return pairs of unit vectors that are close; a few may be missed, none is wrong.

    Args:
        vectors: `(n, d)`, each of length 1.
        correlation: The least product of two that are close, in 0-1.
        trees: More miss fewer, and take longer.
        seed: Of the projections; the same one gives the same pairs.

    Returns:
        Indices `(m, 2)`, the smaller first, sorted; `m` is at most 8 `n`.

    Example:
        >>> close_pairs(np.eye(3, dtype=np.float32)[[0, 1, 0]], correlation=0.9).tolist()
        [[0, 2]]
    """
    n = len(vectors)
    chance = np.random.default_rng(seed)
    levels = max(0, int(np.ceil(np.log2(max(n, 1) / GROUP))))
    keys = np.empty(0, np.int64)
    products = np.empty(0, np.float32)
    for _ in range(trees if levels else 1):
        directions = chance.standard_normal((vectors.shape[1], levels)).astype(np.float32)
        found = [_within(vectors, group, correlation) for group in _groups(vectors @ directions)]
        keys, first = np.unique(np.concatenate([keys, *(k for k, _ in found)]), return_index=True)
        products = np.concatenate([products, *(p for _, p in found)])[first]
        keys, products = _nearest(keys, products, n)
    return np.stack([keys // max(n, 1), keys % max(n, 1)], axis=1)


def _groups(projections: Floats) -> list[NDArray[np.int64]]:
    groups = [np.arange(len(projections))]
    for level in projections.T:
        halves = []
        for group in groups:
            order = np.argsort(level[group], kind="stable")
            middle = len(group) // 2
            halves += [np.sort(group[order[:middle]]), np.sort(group[order[middle:]])]
        groups = halves
    return groups


def _within(vectors: Floats, group: NDArray[np.int64], least: float) -> tuple[Pairs, Floats]:
    """Return the close pairs of a group as keys, and their products."""
    members = vectors[group]
    products = members @ members.T
    np.fill_diagonal(products, -1)
    if len(group) > NEIGHBOURS + 1:
        kth = -np.partition(-products, NEIGHBOURS - 1, axis=1)[:, NEIGHBOURS - 1]
        close = products >= np.maximum(kth, least)[:, None]
        close |= close.T
    else:
        close = products >= least
    some, other = np.nonzero(np.triu(close, 1))
    return group[some] * len(vectors) + group[other], products[some, other]


def _nearest(keys: Pairs, products: Floats, n: int) -> tuple[Pairs, Floats]:
    """Keep a pair where one is among the nearest of the other."""
    if len(keys) <= NEIGHBOURS:
        return keys, products
    ends = np.concatenate([keys // n, keys % n])
    order = np.lexsort((np.tile(-products, 2), ends))
    ends = ends[order]
    starts = np.flatnonzero(np.r_[True, ends[1:] != ends[:-1]])
    rank = np.arange(len(ends)) - np.repeat(starts, np.diff(np.r_[starts, len(ends)]))
    kept = np.zeros(len(keys), bool)
    kept[order[rank < NEIGHBOURS] % len(keys)] = True
    return keys[kept], products[kept]
