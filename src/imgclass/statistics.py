"""Intervals for proportions: how far an accuracy, or the gap between two, can be trusted."""

from math import ceil, isclose, sqrt

Z_95 = 1.959963984540054  # two-sided 95 % point of the standard normal distribution

# Accuracies closer than this are the same: no data set is large enough to have both.
RESOLUTION = 1e-9

Interval = tuple[float, float]
Counts = tuple[float, int]


def wilson_interval(successes: float, n: int, *, z: float = Z_95) -> Interval:
    """Return the Wilson score interval of a proportion.

    It stays inside 0-1 and keeps its coverage near 0 and 1, where the textbook interval does not
    (Wilson, *Probable inference, the law of succession, and statistical inference*, 1927).

    Args:
        successes: How many of `n` were right.
        n: Number of trials, at least 1.
        z: Normal quantile; the default gives 95 %.

    Raises:
        ValueError: There are no trials, or more successes than trials.

    Example:
        >>> low, high = wilson_interval(2000, 2500)
        >>> round(low, 4), round(high, 4)
        (0.7839, 0.8152)
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"Expected 0 <= successes <= n and n >= 1; received {successes=}, {n=}.")
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # Exact arithmetic ends at 0 and 1 for no and for all successes; floats may miss them.
    return (max(0.0, min(p, centre - half)), min(1.0, max(p, centre + half)))


def difference_interval(a: Counts, b: Counts, *, z: float = Z_95) -> Interval:
    """Return the interval of the difference a - b of two independent proportions.

    Newcombe's hybrid of two Wilson intervals (*Interval estimation for the difference between
    independent proportions*, 1998, method 10).

    Args:
        a: `(successes, n)` of the first proportion.
        b: `(successes, n)` of the second.
        z: Normal quantile; the default gives 95 %.

    Raises:
        ValueError: One of them has no trials, or more successes than trials.

    Example:
        >>> low, high = difference_interval((948, 1000), (806, 1000))
        >>> round(low, 3), round(high, 3)
        (0.114, 0.17)
    """
    (low_a, high_a), (low_b, high_b) = wilson_interval(*a, z=z), wilson_interval(*b, z=z)
    share_a, share_b = a[0] / a[1], b[0] / b[1]
    low = share_a - share_b - sqrt((share_a - low_a) ** 2 + (high_b - share_b) ** 2)
    high = share_a - share_b + sqrt((high_a - share_a) ** 2 + (share_b - low_b) ** 2)
    return (low, high)


def images_to_settle(accuracy: float, threshold: float, *, z: float = Z_95) -> int | None:
    """Return how many images it takes to tell `accuracy` from `threshold`.

    From that many on, an accuracy measured as `accuracy` has a Wilson interval that lies wholly on
    one side of `threshold`. (The interval holds the thresholds that a score test would not reject,
    so its end reaches `threshold` where the test is at its limit.)

    Args:
        accuracy: The measured accuracy, in 0-1.
        threshold: What it is held against, in 0-1.
        z: Normal quantile; the default gives 95 %.

    Returns:
        The number, at least 1; None where no number does, because the two are the same or
        `threshold` is not inside 0-1, where no proportion is surely beyond it.

    Example:
        >>> images_to_settle(0.80, 0.82)
        1418
    """
    if isclose(accuracy, threshold, abs_tol=RESOLUTION) or not 0 < threshold < 1:
        return None
    return ceil(z * z * threshold * (1 - threshold) / (accuracy - threshold) ** 2)
