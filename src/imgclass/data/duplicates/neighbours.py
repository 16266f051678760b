"""Finding close unit vectors by a forest of random projections, without comparing all pairs.

Each tree halves the vectors at the median of a random projection, and each half again; in the small
groups at the end all pairs are compared. Close vectors share a group in most trees (S. Dasgupta and
Y. Freund, Random projection trees and low dimensional manifolds, STOC 2008).

All arithmetic is on whole numbers that floats hold exactly, so that every machine finds the same.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

GROUP = 128  # vectors that are compared all with all
NEIGHBOURS = 8  # kept for a vector; these connect it to further ones
TREES = 24  # a pair at a correlation of 0.9 shares a group in 1 of 4 trees of 50,000 vectors
UNIT = 127  # length of a vector in whole numbers; 1 % of error in a candidate does not matter
STEEPEST = 255.0  # length of a projection's direction, so that projections fit into 16 bits
AT_ONCE = 64  # groups, 4 MB of products

Floats = NDArray[np.float32]
Pairs = NDArray[np.int64]


def close_pairs(vectors: Floats, *, correlation: float, trees: int = TREES, seed: int = 0) -> Pairs:
    """Return pairs of unit vectors `(n, d)` with a product of at least `correlation`, in 0-1.

    A few may be missed, fewer with more trees; none is wrong. The result is indices `(m, 2)`, the
    smaller first, sorted; `m` is at most 8 `n`.
    """
    n, dimensions = vectors.shape
    whole = np.round(vectors * np.float32(UNIT))
    least = np.float32(correlation * UNIT**2)
    chance = np.random.default_rng(seed)
    levels = max(0, int(np.ceil(np.log2(max(n, 1) / GROUP))))
    keys = np.empty(0, np.int64)
    products = np.empty(0, np.float32)
    for _ in range(trees if levels else 1):
        directions = chance.standard_normal((dimensions, levels))
        directions *= STEEPEST / np.maximum(np.linalg.norm(directions, axis=0), 1e-9)
        projections = (whole @ np.trunc(directions).astype(np.float32)).astype(np.int16)
        found = list(_within(whole, _groups(projections), least))
        keys, first = np.unique(np.concatenate([keys, *(k for k, _ in found)]), return_index=True)
        products = np.concatenate([products, *(p for _, p in found)])[first]
        keys, products = _nearest(keys, products, n)
    return np.stack([keys // max(n, 1), keys % max(n, 1)], axis=1)


def _groups(projections: NDArray[np.int16]) -> NDArray[np.int64]:
    """Return the indices of each group, one row each; short rows end in -1."""
    n, levels = projections.shape
    size = -(-n // 2**levels)
    groups = np.full((1, size * 2**levels), -1)
    groups[0, :n] = np.arange(n)
    for level in projections.T:
        order = np.argsort(np.where(groups < 0, np.int16(2**15 - 1), level[groups]), kind="stable")
        groups = np.take_along_axis(groups, order, axis=1).reshape(2 * len(groups), -1)
    return groups


def _within(
    vectors: Floats, groups: NDArray[np.int64], least: np.float32
) -> Iterator[tuple[Pairs, Floats]]:
    """Yield the close pairs of some groups as keys, and their products."""
    padded = np.concatenate([vectors, np.zeros((1, vectors.shape[1]), np.float32)])  # for -1
    size = groups.shape[1]
    above = np.triu(np.ones((size, size), bool), 1)
    for start in range(0, len(groups), AT_ONCE):
        some = groups[start : start + AT_ONCE]
        members = padded[some]
        products = members @ members.transpose(0, 2, 1)
        close = products >= least
        for crowded in np.flatnonzero(close.sum(axis=(1, 2)) > (NEIGHBOURS + 1) * size):
            ranked = products[crowded] - 2 * UNIT**2 * np.eye(size, dtype=np.float32)
            kth = -np.partition(-ranked, NEIGHBOURS - 1, axis=1)[:, NEIGHBOURS - 1]
            nearest = ranked >= kth[:, None]
            close[crowded] &= nearest | nearest.T
        close &= above
        group, a, b = np.nonzero(close)
        ends = some[group, a], some[group, b]
        yield np.minimum(*ends) * len(vectors) + np.maximum(*ends), products[group, a, b]


def _nearest(keys: Pairs, products: Floats, n: int) -> tuple[Pairs, Floats]:
    """Keep a pair if one is among the nearest of the other."""
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
