"""What a change may bring: the gains that it brought in the most similar situations.

A weighted k-nearest-neighbours estimate (Dudani, *The Distance-Weighted k-Nearest-Neighbor Rule*,
1976): of the rows of the same lever the nearest count, each by how near it is. Features are divided
by their spread over the table. `benchmarks/experience.py --check` leaves out one data set after the
other, and says how often the outcome lay in the interval; the constants here were chosen by that.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import log2, log10

import numpy as np
import numpy.typing as npt

from imgclass.diagnosis.expectation import Expectation
from imgclass.diagnosis.experience.row import Experience
from imgclass.diagnosis.experience.situation import Situation
from imgclass.training.defaults import choose_epochs

Vector = npt.NDArray[np.float64]

# Of the 80 % interval.
LOW, HIGH = 0.1, 0.9
NEIGHBOURS = 40
FEWEST = 8
# Of two situations, in spreads: the root mean square of all differences, and the largest one.
FURTHEST, FURTHEST_APART = 1.5, 4.0
# A nearer row counts for more, but none for everything.
NEAR = 0.5
NONE = 1e-9  # equal numbers have a deviation of rounding


def expect(
    situation: Situation | None,
    lever: str,
    rows: Sequence[Experience],
    *,
    neighbours: int = NEIGHBOURS,
) -> Expectation | None:
    """Return what a change brought in similar situations; None if too few are similar.

    Args:
        situation: What is known of the training; None if that is not enough.
        lever: The name of the change.
        rows: The table.
        neighbours: The most rows that count.
    """
    if situation is None:
        return None
    same = [
        row
        for row in rows
        if row.lever == lever and row.situation.pretrained == situation.pretrained
    ]
    if len(same) < FEWEST:
        return None
    table = np.array([features(row.situation) for row in same])
    spread = _spread(rows)
    apart = np.abs((table - features(situation)) / spread)
    distances = np.sqrt((apart**2).mean(axis=1))
    is_near = (distances <= FURTHEST) & (apart.max(axis=1) <= FURTHEST_APART)
    nearest = np.argsort(np.where(is_near, distances, np.inf), kind="stable")[:neighbours]
    nearest = nearest[is_near[nearest]]
    if len(nearest) < FEWEST:
        return None
    gains = np.array([same[i].gain for i in nearest])
    weights = 1 / (NEAR + distances[nearest])
    low, middle, high = weighted_quantiles(gains, weights, (LOW, 0.5, HIGH))
    return Expectation(round(middle, 4), (round(low, 4), round(high, 4)), runs=len(nearest))


@lru_cache(maxsize=2**15)  # every recommendation is compared with the whole table
def features(situation: Situation) -> Vector:
    """Return the numbers by which situations are compared, of shape `(features,)`."""
    return np.array(
        (
            log10(situation.n_train),
            log2(situation.classes),
            log2(max(1, situation.pixels)) / 2,
            situation.train,
            situation.val,
            situation.train - situation.val,
            log2(max(1, situation.epochs) / choose_epochs(situation.n_train)),
            situation.augmentation,
        )
    )


def weighted_quantiles(
    values: Vector, weights: Vector, shares: Iterable[float]
) -> tuple[float, ...]:
    """Return the values below which these shares of the weight lie, between two values in line.

    Example:
        >>> weighted_quantiles(np.array([3.0, 1.0, 2.0]), np.ones(3), (0.5,))
        (2.0,)
    """
    order = np.argsort(values, kind="stable")
    values, weights = values[order], weights[order]
    middles = (np.cumsum(weights) - weights / 2) / weights.sum()
    return tuple(float(np.interp(share, middles, values)) for share in shares)


def _spread(rows: Sequence[Experience]) -> Vector:
    """Return the standard deviation of each feature over the table; 1 where it has none."""
    spread = np.array([features(row.situation) for row in rows]).std(axis=0)
    return np.where(spread > NONE, spread, 1.0)
