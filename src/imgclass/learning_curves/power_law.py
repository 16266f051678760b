"""The power law of learning curves: error = floor + scale * images ** -exponent, fitted to counts.

Test errors fall along such a law over orders of magnitude (Hestness et al., *Deep Learning Scaling
is Predictable, Empirically*, 2017; Rosenfeld et al., *A Constructive Prediction of the
Generalization Error Across Scales*, 2020). It is the usual choice, and not always the right one
(Viering and Loog, *The Shape of Learning Curves: A Review*, 2023).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from imgclass.statistics import Interval

Floats = npt.NDArray[np.float64]

FEWEST_SIZES = 3  # as many as the law has parameters
# Measured exponents of images lie between 0.1 and 0.5 (Hestness et al.), and theory ends at 1; the
# larger ones fit curves that have ended to rise. Below the first, the law is a logarithm.
EXPONENTS: Floats = np.geomspace(0.02, 2.0, 200)
DRAWS = 500
LEVEL = 0.8  # usual for forecasts


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """A learning curve.

    Attributes:
        floor: The error that no number of images goes below, in 0-1.
        scale: What is above it after one image; 0 or more.
        exponent: How fast that falls: twice the images leave `2 ** -exponent` of it.

    Example:
        >>> law = PowerLaw(floor=0.05, scale=2.0, exponent=0.5)
        >>> law.error(100), law.error(400)
        (0.25, 0.15...)
    """

    floor: float
    scale: float
    exponent: float

    def error(self, images: float) -> float:
        """Return the error expected after training on so many images, in 0-1."""
        return float(min(1.0, self.floor + self.scale * images**-self.exponent))


@dataclass(frozen=True, slots=True)
class PowerLawFit:
    """A fitted law, and the laws that the same measurement might have given as well.

    Attributes:
        law: The best one.
        draws: Floor, scale and exponent of each refit, `(500, 3)`.
        p_value: Probability of points so far from the law if it holds, in 0-1; 1 if there are no
            more sizes than the law needs.
    """

    law: PowerLaw
    draws: Floats = field(compare=False, repr=False)
    p_value: float

    def interval(self, images: float, *, level: float = LEVEL) -> Interval:
        """Return the interval of the error after training on so many images."""
        return _quantiles(self._errors(images), self.law.error(images), level)

    def gain_interval(self, before: float, after: float, *, level: float = LEVEL) -> Interval:
        """Return the interval of what the error falls by, from `before` images to `after`."""
        best = self.law.error(before) - self.law.error(after)
        return _quantiles(self._errors(before) - self._errors(after), best, level)

    def _errors(self, images: float) -> Floats:
        floor, scale, exponent = self.draws.T
        errors: Floats = np.minimum(1.0, floor + scale * images**-exponent)
        return errors


def fit_power_law(
    images: Sequence[int], mistakes: Sequence[int], of: Sequence[int], *, seed: int = 0
) -> PowerLawFit:
    """Fit the law to what was measured, by weighted least squares.

    A point weighs as much as so many val images say. For each exponent of a grid the best floor and
    scale are known in closed form, so the fit is the best of all and needs no start (variable
    projection: Golub and Pereyra, 1973).

    The intervals are percentiles of a parametric bootstrap (Efron and Tibshirani, *An Introduction
    to the Bootstrap*, 1993): mistakes are drawn from the fitted law, binomially, and fitted again.
    Points that vary more than that, as trainings from other seeds do, widen them in proportion.

    Args:
        images: Training images of each point, of three or more sizes.
        mistakes: Val images that were got wrong.
        of: Val images.
        seed: Of the draws.

    Raises:
        ValueError: There are fewer than three sizes.

    Example:
        >>> fit = fit_power_law([100, 200, 400, 800], [300, 223, 170, 132], of=[1000] * 4)
        >>> round(fit.law.error(1600), 2), [round(end, 2) for end in fit.interval(1600)]
        (0.11, [0.09, 0.13])
    """
    if len({*images}) < FEWEST_SIZES:
        raise ValueError(f"Expected three sizes or more; received images={[*images]}.")
    sizes, trials = np.asarray(images, float), np.asarray(of, float)
    errors = np.asarray(mistakes, float) / trials
    # One more right and one more wrong: without a mistake a point would weigh infinitely much.
    weights = _weights((np.asarray(mistakes, float) + 1) / (trials + 2), trials)
    weights = _weights(_expected(_solve(sizes, errors[None], weights)[0], sizes, trials), trials)
    best = _solve(sizes, errors[None], weights)[0]
    expected = _expected(best, sizes, trials)
    scatter, p_value = _misfit(sizes, errors, expected, weights)

    random = np.random.default_rng(seed)
    drawn = random.binomial(trials.astype(int), expected, size=(DRAWS, len(sizes))) / trials
    drawn = np.clip(expected + np.sqrt(scatter) * (drawn - expected), 0.0, 1.0)
    return PowerLawFit(PowerLaw(*map(float, best)), _solve(sizes, drawn, weights), p_value)


def _misfit(
    sizes: Floats, errors: Floats, expected: Floats, weights: Floats
) -> tuple[float, float]:
    """Return how much more the points vary than binomially, and the p-value of the law.

    The first is a ratio of variances, 1 or more. Trainings with equally many images say what
    chance alone does; only what the points vary beyond that speaks against the law.
    """
    from scipy.special import chdtrc

    total = float(weights @ (errors - expected) ** 2)
    alike = [sizes == size for size in np.unique(sizes)]
    chance = sum(
        float(weights[rows] @ (errors[rows] - np.average(errors[rows], weights=weights[rows])) ** 2)
        for rows in alike
    )
    free, spare = len(sizes) - FEWEST_SIZES, len(alike) - FEWEST_SIZES
    repeats = len(sizes) - len(alike)
    scatter = max(1.0, total / free) if free else 1.0
    noise = max(1.0, chance / repeats) if repeats else 1.0
    p_value = float(chdtrc(spare, max(0.0, total - chance) / noise)) if spare else 1.0
    return scatter, p_value


def _weights(expected: Floats, trials: Floats) -> Floats:
    """Return one over the variance of a share of so many."""
    return trials / (expected * (1 - expected))


def _expected(law: Floats, sizes: Floats, trials: Floats) -> Floats:
    """Return the errors of a law, at least half an image from 0 and from 1."""
    floor, scale, exponent = law
    errors: Floats = np.clip(floor + scale * sizes**-exponent, 0.5 / trials, 1 - 0.5 / trials)
    return errors


def _solve(sizes: Floats, errors: Floats, weights: Floats) -> Floats:
    """Return floor, scale and exponent, `(draws, 3)`, for errors of `(draws, points)`.

    Floor and scale are 0 or more: where the free optimum has a negative one, the best lies on the
    border.
    """
    largest = sizes.max()
    powers = (sizes[None, :] / largest) ** -EXPONENTS[:, None]  # (exponents, points)
    w, wx, wxx = weights.sum(), powers @ weights, powers**2 @ weights
    wy, wxy = errors @ weights, (errors * weights) @ powers.T  # (draws,), (draws, exponents)
    scale = (w * wxy - wy[:, None] * wx) / (w * wxx - wx**2)
    floor = (wy[:, None] - scale * wx) / w
    scale = np.where(floor < 0, wxy / wxx, scale)
    floor = np.where(floor < 0, 0.0, floor)
    floor = np.where(scale < 0, (wy / w)[:, None], floor)
    scale = np.maximum(scale, 0.0)
    misfit = (  # less what all exponents have in common
        floor**2 * w
        + scale**2 * wxx
        + 2 * floor * scale * wx
        - 2 * floor * wy[:, None]
        - 2 * scale * wxy
    )
    rows, best = np.arange(len(errors)), misfit.argmin(axis=1)
    exponent = EXPONENTS[best]
    scales = scale[rows, best] * largest**exponent
    return np.stack([floor[rows, best], scales, exponent], axis=1)


def _quantiles(values: Floats, best: float, level: float) -> Interval:
    """Return the percentile interval of drawn values, which also holds the best one."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(min(low, best)), float(max(high, best))
