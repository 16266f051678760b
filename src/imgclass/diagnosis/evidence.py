"""What a diagnosis reads: an experiment, its history and its clean scores, as far as known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imgclass.data.manifest import Manifest, Split
from imgclass.errors import UsageError
from imgclass.evaluation import ConstantImages, MirrorImages, Score
from imgclass.experiment import Experiment
from imgclass.statistics import Interval, newcombe_interval, wilson_interval
from imgclass.training.history import History
from imgclass.validation import is_number

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

TARGET_ACCURACY = 0.95
TOLERANCE = 0.02
WIDEST = 0.1  # half of an interval; a wider one decides nothing

# Rounded to this many digits, 1.00 - 0.95 is exactly 0.05.
DIGITS = 12

NO_HISTORY = History((), None, stopped_early=False, seconds=0.0)


@dataclass(frozen=True, slots=True)
class Gap:
    """A difference of two accuracies and its 95 % interval, both in -1 to 1.

    Example:
        >>> gap = Gap(0.05, (0.01, 0.09))
        >>> gap.is_above(0.02), gap.is_undecided(0.02)
        (False, True)
    """

    value: float
    interval: Interval

    def is_above(self, tolerance: float) -> bool:
        """Whether the whole interval lies above `tolerance`."""
        return self.interval[0] > tolerance

    def is_undecided(self, tolerance: float) -> bool:
        """Whether the gap may lie on either side of `tolerance`, which is in its interval."""
        return self.interval[0] <= tolerance < self.interval[1]


@dataclass(frozen=True, slots=True)
class MeasuredAccuracy:
    """An accuracy on a split whose single predictions are not known.

    Attributes:
        accuracy: Share of images classified correctly, in 0-1.
        n: Number of images; None if unknown.
        loss: Mean cross-entropy in nats; None if unknown.

    Raises:
        UsageError: The accuracy is outside 0-1, or the number of images is below 1.

    Example:
        >>> MeasuredAccuracy(0.8).interval
        (0.8, 0.8)
    """

    accuracy: float
    n: int | None = None
    loss: float | None = None

    def __post_init__(self) -> None:
        if not (is_number(self.accuracy) and 0 <= self.accuracy <= 1):
            raise UsageError(
                f"Expected an accuracy in 0-1; received {self.accuracy!r}. "
                f"It is a share: 0.806 is 80.6 %."
            )
        if self.n is not None and not (is_number(self.n) and self.n >= 1 and self.n % 1 == 0):
            raise UsageError(f"Expected a number of images >= 1; received n={self.n!r}.")

    @property
    def interval(self) -> Interval:
        """95 % Wilson interval; of no width without a number of images."""
        if self.n is None:
            return self.accuracy, self.accuracy
        return wilson_interval(self.accuracy * self.n, int(self.n))


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that a rule may read; any part may be missing.

    A run's test score is not in it: that is for the report, once. The train accuracy is a clean
    pass with the final weights. What `fit` prints is no train accuracy: it is a running average
    with dropout and augmentation on (keras issue 10014: 1.00 in the history, 0.449 when evaluated).

    Attributes:
        experiment: What was run, with every default filled in; None if unknown.
        history: What happened, epoch by epoch; without epochs if unknown.
        train: Clean pass over the training images; None if unknown.
        val: Clean pass over the validation images; None if unknown.
        train_dev: Over images like those of train that were not learned from; None if unknown. It
            tells variance (train to train-dev) from mismatch (train-dev to val).
        test: An accuracy on test that its owner gives; None otherwise.
        manifest: Which images, classes and splits; None if unknown.
        predictions: As `Evaluation.predictions`; None if unknown.
        probabilities: As `Evaluation.probabilities`; a split is missing if they are unknown.
        constant: As `Evaluation.constant`; a split is missing if it was not looked at.
        mirror_images: As `Evaluation.mirror_images`.
        history_train: The train accuracy that `fit` printed for the final weights, in 0-1, if it is
            known without a history.
        small_sample: Of the network trained on a few of the images alone; None if not tried.
        target_accuracy: What would be good enough, in 0-1; a `Diagnoser` puts its own here.
        tolerance: Smaller gaps are not worth an experiment, in 0-1; also the `Diagnoser`'s.

    Raises:
        UsageError: A split has no images, or the target or the tolerance is out of range.

    Example:
        >>> names = ("cat", "dog")
        >>> train = Score(class_names=names, confusion=((950, 50), (50, 950)), loss=0.2)
        >>> val = Score(class_names=names, confusion=((160, 40), (40, 160)), loss=0.5)
        >>> evidence = Evidence(train=train, val=val)
        >>> evidence.bias.value, evidence.variance.value, evidence.shortfall.value
        (0.0, 0.15, 0.15)
    """

    experiment: Experiment | None = None
    history: History = NO_HISTORY
    train: Score | MeasuredAccuracy | None = None
    val: Score | MeasuredAccuracy | None = None
    train_dev: Score | MeasuredAccuracy | None = None
    test: Score | MeasuredAccuracy | None = None
    manifest: Manifest | None = field(default=None, repr=False)
    predictions: "pd.DataFrame | None" = field(default=None, repr=False, compare=False)
    probabilities: "Mapping[Split, npt.NDArray[np.float32]]" = field(
        default_factory=dict, repr=False, compare=False
    )
    constant: Mapping[Split, ConstantImages] = field(default_factory=dict, repr=False, hash=False)
    mirror_images: MirrorImages | None = None
    history_train: float | None = None
    small_sample: MeasuredAccuracy | None = None
    target_accuracy: float = TARGET_ACCURACY
    tolerance: float = TOLERANCE

    def __post_init__(self) -> None:
        for split, score in (("train", self.train), ("val", self.val)):
            if score is not None and score.n == 0:
                raise UsageError(f"Expected at least one {split} image to judge by; received none.")
        require_goal(self.target_accuracy, self.tolerance)

    @property
    def is_complete(self) -> bool:
        """Whether the experiment and both scores, predictions included, are known."""
        scores = isinstance(self.train, Score) and isinstance(self.val, Score)
        return scores and self.experiment is not None

    @property
    def bias(self) -> Gap | None:
        """Target minus train accuracy: the avoidable bias."""
        return _below(self.target_accuracy, self.train)

    @property
    def variance(self) -> Gap | None:
        """Train minus train-dev accuracy if that is known, otherwise train minus val accuracy."""
        return _between(self.train, self.train_dev or self.val)

    @property
    def mismatch(self) -> Gap | None:
        """Train-dev minus val accuracy: what only the kind of images explains."""
        return _between(self.train_dev, self.val)

    @property
    def shortfall(self) -> Gap | None:
        """Target minus val accuracy: bias and variance together."""
        return _below(self.target_accuracy, self.val)


def is_wide(score: Score | MeasuredAccuracy) -> bool:
    """Return whether the interval of an accuracy is so wide that it decides nothing."""
    low, high = score.interval
    return (high - low) / 2 > WIDEST


def require_goal(target_accuracy: float, tolerance: float) -> None:
    """Raise a UsageError if the target or the tolerance is no number or out of range."""
    if not (is_number(target_accuracy) and 0 < target_accuracy <= 1):
        raise UsageError(
            f"Expected 0 < target_accuracy <= 1; received {target_accuracy=}. "
            f"It is a share: 0.9 is 90 %."
        )
    if not (is_number(tolerance) and 0 <= tolerance < 1):
        raise UsageError(
            f"Expected 0 <= tolerance < 1; received {tolerance=}. It is a share: 0.02 is 2 points."
        )


def _below(target: float, score: Score | MeasuredAccuracy | None) -> Gap | None:
    if score is None:
        return None
    low, high = score.interval
    return _gap(target - score.accuracy, target - high, target - low)


def _between(
    higher: Score | MeasuredAccuracy | None, lower: Score | MeasuredAccuracy | None
) -> Gap | None:
    if higher is None or lower is None:
        return None
    shares = higher.accuracy, lower.accuracy
    interval = newcombe_interval(shares, (higher.interval, lower.interval))
    return _gap(higher.accuracy - lower.accuracy, *interval)


def _gap(value: float, low: float, high: float) -> Gap:
    return Gap(round(value, DIGITS), (round(low, DIGITS), round(high, DIGITS)))
