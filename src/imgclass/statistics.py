"""Intervals for proportions: how far an accuracy, or the gap between two, can be trusted."""

from math import ceil, sqrt

Z_95 = 1.959963984540054  # two-sided 95 % point of the standard normal distribution

Interval = tuple[float, float]


def wilson_interval(successes: float, n: int, *, z: float = Z_95) -> Interval:
    """Return the Wilson score interval of a proportion.

    It stays inside 0-1 and keeps its coverage near 0 and 1, where the textbook interval does not
    (Wilson, *Probable inference, the law of succession, and statistical inference*, 1927).

    Args:
        successes: How many of `n` were right.
        n: Number of trials, at least 1.
        z: Normal quantile; the default gives 95 %.

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
    return (max(0.0, centre - half), min(1.0, centre + half))


def difference_interval(
    successes_a: float, n_a: int, successes_b: float, n_b: int, *, z: float = Z_95
) -> Interval:
    """Return the interval of the difference a - b of two independent proportions.

    Newcombe's hybrid of two Wilson intervals (*Interval estimation for the difference between
    independent proportions*, 1998, method 10).

    Example:
        >>> low, high = difference_interval(948, 1000, 806, 1000)
        >>> round(low, 3), round(high, 3)
        (0.114, 0.17)
    """
    a, b = successes_a / n_a, successes_b / n_b
    low_a, high_a = wilson_interval(successes_a, n_a, z=z)
    low_b, high_b = wilson_interval(successes_b, n_b, z=z)
    low = a - b - sqrt((a - low_a) ** 2 + (high_b - b) ** 2)
    high = a - b + sqrt((high_a - a) ** 2 + (b - low_b) ** 2)
    return (low, high)


def images_to_settle(accuracy: float, margin: float, *, z: float = Z_95) -> int:
    """Return how many images make the interval of `accuracy` at most `margin` to either side.

    Example:
        >>> images_to_settle(0.80, 0.01)
        6147
    """
    if margin <= 0:
        raise ValueError(f"Expected margin > 0; received {margin=}.")
    return ceil(z * z * accuracy * (1 - accuracy) / margin**2)
