"""How far a model's probabilities can be read as such, and the temperature that would mend them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from imgclass.statistics import Interval

if TYPE_CHECKING:
    import pandas as pd

BINS = 15  # as in Guo et al., 2017
# A bin of fewer images has an accuracy so uncertain that a perfect model would seem miscalibrated.
FEWEST_OF_BIN = 50
RESAMPLES, SEED = 200, 0
LEVELS = (0.025, 0.975)
COOLEST, HOTTEST = 0.1, 10.0
MOST_ROWS = 20_000  # enough to know the temperature to two digits

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Images whose most probable class has about the same probability.

    Attributes:
        n: Number of images.
        probability: Mean probability of the predicted class, in 0-1.
        accuracy: Share of them that is right, in 0-1.
    """

    n: int
    probability: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far the probabilities of predicted classes are from how often these are right.

    Attributes:
        ece: Expected calibration error, in 0-1: the mean over all images of the difference between
            accuracy and probability in their bin. In a small sample it is too high by chance.
        interval: Its 95 % interval, which makes up for that.
        temperature: Probabilities become those of this temperature when their logarithms are
            divided by it; above 1 they become less sure. None if not all probabilities are known.
        bins: From the lowest to the highest probability, about as many images in each.

    Example:
        >>> calibration = calibrate(np.full(100, 0.9), np.arange(100) < 70)
        >>> round(calibration.ece, 3), round(calibration.excess, 3)
        (0.2, 0.2)
    """

    ece: float
    interval: Interval
    temperature: float | None
    bins: tuple[CalibrationBin, ...]

    @property
    def excess(self) -> float:
        """Mean probability minus accuracy, in -1 to 1: above 0 the model is too sure."""
        n = sum(each.n for each in self.bins)
        return sum(each.n * (each.probability - each.accuracy) for each in self.bins) / n


def calibrate(
    probability: Floats, is_right: npt.NDArray[np.bool_], *, temperature: float | None = None
) -> Calibration:
    """Compare the probabilities of predicted classes with how often these are right.

    The error is that of Guo, Pleiss, Sun and Weinberger, *On calibration of modern neural networks*
    (2017), in bins of equal mass: at most 15, of at least 50 images, and images of one probability
    are in one bin. Its interval is the basic bootstrap (Davison and Hinkley, *Bootstrap methods and
    their application*, 1997, section 5.2), with 200 resamples from a fixed seed. Percentiles would
    not do: chance makes the error larger in every resample, as it does in the sample.

    Args:
        probability: Of the predicted class, `(n,)` in 0-1.
        is_right: Whether that is the label, `(n,)`.
        temperature: As `fit_temperature` returns it.
    """
    order = np.argsort(probability, kind="stable")
    sure, right = probability[order].astype(np.float64), is_right[order].astype(np.float64)
    n, random = len(sure), np.random.default_rng(SEED)
    ece = _error(sure, right)
    again = [
        _error(sure[rows], right[rows])
        for rows in (np.sort(random.integers(0, n, n)) for _ in range(RESAMPLES))
    ]
    low, high = np.quantile(again, LEVELS)
    starts = _starts(sure)
    counts = np.diff([*starts, n])
    means = (np.add.reduceat(values, starts) / counts for values in (sure, right))
    return Calibration(
        ece=ece,
        interval=(max(0.0, min(ece, 2 * ece - float(high))), max(ece, 2 * ece - float(low))),
        temperature=temperature,
        bins=tuple(map(CalibrationBin, counts.tolist(), *(mean.tolist() for mean in means))),
    )


def calibration_of(predictions: "pd.DataFrame", *, temperature: float | None = None) -> Calibration:
    """Return the calibration of rows of `Evaluation.predictions`."""
    is_right = (predictions["label"] == predictions["predicted"]).to_numpy(bool)
    return calibrate(
        predictions["probability"].to_numpy(np.float64), is_right, temperature=temperature
    )


def fit_temperature(probabilities: Floats, labels: npt.NDArray[np.int64]) -> float:
    """Return the temperature with the least cross-entropy, in 0.1 to 10.

    Of more than 20,000 images, so many from all over are used.

    Args:
        probabilities: `(n, classes)` in 0-1, not those that the model learned from.
        labels: Class indices `(n,)`.

    Example:
        >>> probabilities = np.array([[0.9, 0.1]] * 10)
        >>> round(fit_temperature(probabilities, np.array([0] * 7 + [1] * 3)), 2)
        2.59
    """
    from scipy.optimize import brentq  # takes half a second

    rows = np.linspace(0, len(labels) - 1, min(len(labels), MOST_ROWS)).astype(int)
    logits = _logarithms(probabilities[rows])
    of_label = logits[np.arange(len(rows)), labels[rows]].mean()

    def slope(sharpness: float) -> float:
        """Return the derivative of the cross-entropy, which grows with the sharpness."""
        return float((_softmax(sharpness * logits) * logits).sum(axis=1).mean() - of_label)

    if slope(1 / COOLEST) <= 0:
        return COOLEST
    if slope(1 / HOTTEST) >= 0:
        return HOTTEST
    return 1 / float(brentq(slope, 1 / HOTTEST, 1 / COOLEST, xtol=1e-4))


def at_temperature(probabilities: Floats, temperature: float) -> Floats:
    """Return probabilities `(n, classes)` as a temperature makes them; their order is the same.

    Example:
        >>> at_temperature(np.array([[0.9, 0.1]]), 2.0).round(2)
        array([[0.75, 0.25]])
    """
    return _softmax(_logarithms(probabilities) / temperature)


def _error(sure: Floats, right: Floats) -> float:
    """Return the expected calibration error of images in the order of their probabilities."""
    return float(np.abs(np.add.reduceat(sure - right, _starts(sure))).sum()) / len(sure)


def _starts(sure: Floats) -> npt.NDArray[np.int64]:
    """Return where the bins begin; equal probabilities are not divided."""
    bins = max(1, min(BINS, len(sure) // FEWEST_OF_BIN))
    places = np.linspace(0, len(sure), bins, endpoint=False).astype(int)
    return np.unique(np.searchsorted(sure, sure[places]))


def _logarithms(probabilities: Floats) -> Floats:
    least = np.finfo(np.float32).tiny
    return np.log(np.maximum(probabilities.astype(np.float64), least))


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares
