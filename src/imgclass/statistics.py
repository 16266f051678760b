"""How far accuracies can be trusted: intervals, and tests for models on the same images."""

from collections.abc import Sequence
from math import ceil, comb, erfc, isclose, sqrt

Z_95 = 1.959963984540054  # two-sided 95 % point of the standard normal distribution

# Accuracies closer than this are the same: no data set is large enough for both.
RESOLUTION = 1e-9

# Images from which McNemar's chi-square is close to the exact test (his paper: 10; textbooks: 25).
LARGE_SAMPLE = 25

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
    # Floats may miss the exact ends 0 and 1.
    return (max(0.0, min(p, centre - half)), min(1.0, max(p, centre + half)))


def difference_interval(a: Counts, b: Counts, *, z: float = Z_95) -> Interval:
    """Return the interval of the difference a - b of two independent proportions.

    Args:
        a: `(successes, n)` of the first proportion.
        b: `(successes, n)` of the second.
        z: Normal quantile; the default gives 95 %.

    Raises:
        ValueError: One has no trials, or more successes than trials.

    Example:
        >>> low, high = difference_interval((948, 1000), (806, 1000))
        >>> round(low, 3), round(high, 3)
        (0.114, 0.17)
    """
    intervals = wilson_interval(*a, z=z), wilson_interval(*b, z=z)
    return newcombe_interval((a[0] / a[1], b[0] / b[1]), intervals)


def newcombe_interval(
    shares: tuple[float, float], intervals: tuple[Interval, Interval]
) -> Interval:
    """Return the interval of the difference of two independent proportions, first minus second.

    Newcombe's hybrid of two Wilson intervals (*Interval estimation for the difference between
    independent proportions*, 1998, method 10).

    Args:
        shares: The two proportions, in 0-1.
        intervals: The Wilson interval of each; one of no width for a share that is known exactly.
    """
    (a, b), ((low_a, high_a), (low_b, high_b)) = shares, intervals
    low = a - b - sqrt((a - low_a) ** 2 + (high_b - b) ** 2)
    high = a - b + sqrt((high_a - a) ** 2 + (b - low_b) ** 2)
    return (low, high)


def mcnemar_p_value(better: int, worse: int) -> float:
    """Return the probability of counts at least as unequal, if two models are equally good.

    McNemar's test reads only the images that one of two models got right and the other got wrong
    (*Note on the sampling error of the difference between correlated proportions*, 1947). Fewer
    than 25 of them are tested exactly, by the binomial distribution; more by the chi-square
    with Edwards's correction for continuity (1948).

    Args:
        better: Number of images that only the second model classified correctly.
        worse: Number of images that only the first model classified correctly.

    Returns:
        The two-sided p-value, in 0-1; 1 if the models differ on no image.

    Raises:
        ValueError: A count is negative.

    Example:
        >>> round(mcnemar_p_value(60, 30), 4), round(mcnemar_p_value(6, 3), 4)
        (0.0022, 0.5078)
    """
    if min(better, worse) < 0:
        raise ValueError(f"Expected counts of images; received {better=}, {worse=}.")
    n = better + worse
    if n < LARGE_SAMPLE:
        tail = sum(comb(n, i) for i in range(min(better, worse) + 1))
        return min(1.0, 2.0 * tail / 2.0**n)
    chi_square = max(0, abs(better - worse) - 1) ** 2 / n
    return erfc(sqrt(chi_square / 2))


def paired_difference_interval(better: int, worse: int, n: int, *, z: float = Z_95) -> Interval:
    """Return the interval of the difference of two accuracies on the same images.

    Wald's interval after half an image is added to each of the four counts (Agresti and Min,
    *Simple improved confidence intervals for comparing matched proportions*, 2005).

    Args:
        better: Number of images that only the second model classified correctly.
        worse: Number of images that only the first model classified correctly.
        n: Number of images, at least `better + worse` and at least 1.
        z: Normal quantile; the default gives 95 %.

    Raises:
        ValueError: There are no images, or fewer than are better or worse.

    Example:
        >>> low, high = paired_difference_interval(60, 30, 2500)
        >>> round(low, 4), round(high, 4)
        (0.0045, 0.0194)
    """
    if n < 1 or not 0 <= better + worse <= n:
        raise ValueError(
            f"Expected 0 <= better + worse <= n and n >= 1; received {better=}, {worse=}, {n=}."
        )
    total, difference = n + 2, better - worse
    half = z * sqrt(better + worse + 1 - difference**2 / total) / total
    return (max(-1.0, difference / total - half), min(1.0, difference / total + half))


def images_to_settle(accuracy: float, threshold: float, *, z: float = Z_95) -> int | None:
    """Return how many images it takes to tell `accuracy` from `threshold`.

    From that many on, the Wilson interval of `accuracy` lies wholly on one side of `threshold`. (It
    holds the thresholds that a score test would not reject, so it ends at `threshold` exactly when
    the test just rejects that.)

    Args:
        accuracy: The measured accuracy, in 0-1.
        threshold: What it is compared with, in 0-1.
        z: Normal quantile; the default gives 95 %.

    Returns:
        The number, at least 1. None if no number is enough: the two are the same, or `threshold` is
        not strictly between 0 and 1.

    Example:
        >>> images_to_settle(0.80, 0.82)
        1418
    """
    if isclose(accuracy, threshold, abs_tol=RESOLUTION) or not 0 < threshold < 1:
        return None
    return ceil(z * z * threshold * (1 - threshold) / (accuracy - threshold) ** 2)


def holm_adjusted(p_values: Sequence[float], *, family: int | None = None) -> tuple[float, ...]:
    """Return p-values corrected for the number of tests, in the same order.

    The smallest is multiplied by the number of tests, the next by one less, and so on; none becomes
    smaller than the one before it (Holm, *A simple sequentially rejective multiple test procedure*,
    1979). If what is then below 0.05 is called more than luck, a mistake is made in at most 5 % of
    such families of tests, however they depend on each other.

    Args:
        p_values: In 0-1.
        family: Number of tests that these were picked from; as many as there are if not given.

    Raises:
        ValueError: A p-value is not in 0-1, or there are more of them than tests.

    Example:
        >>> [round(p, 3) for p in holm_adjusted((0.01, 0.04, 0.03, 0.005))]
        [0.03, 0.06, 0.06, 0.02]
    """
    tests = len(p_values) if family is None else family
    if tests < len(p_values) or not all(0 <= p <= 1 for p in p_values):
        raise ValueError(
            f"Expected p-values in 0-1, at most as many as tests; received {p_values=}, {family=}."
        )
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for place, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        highest = max(highest, min(1.0, (tests - place) * p_values[i]))
        adjusted[i] = highest
    return tuple(adjusted)
