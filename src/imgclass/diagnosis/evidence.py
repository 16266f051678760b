"""What a diagnosis reads: one run's experiment, history and clean scores, and the gaps in them."""

from dataclasses import dataclass

from imgclass.errors import UsageError
from imgclass.evaluation import Score
from imgclass.experiment import Experiment
from imgclass.statistics import Interval, difference_interval
from imgclass.training.history import History
from imgclass.validation import is_number

TARGET_ACCURACY = 0.95
TOLERANCE = 0.02

# Accuracies are quotients of counts: with this many digits 1.00 - 0.95 is 0.05 and no hair more.
DIGITS = 12


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
        """Whether the interval has `tolerance` in it, so that the gap may lie on either side."""
        return self.interval[0] <= tolerance < self.interval[1]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that a rule may read. The test split is not in it: it is for the report, once.

    The train accuracy in it is a clean pass with the final weights. The one that `fit` prints is
    a running average with dropout and augmentation on, and no evidence (keras issue 10014: 1.00 in
    the history, 0.449 when evaluated).

    Attributes:
        experiment: What was run, with every default filled in.
        history: What happened, epoch by epoch.
        train: Clean pass over the training images with the final weights.
        val: Clean pass over the validation images with the final weights.
        target_accuracy: What would be good enough, in 0-1; a `Diagnoser` puts its own here.
        tolerance: Gaps up to this are not worth an experiment, in 0-1; likewise.

    Raises:
        UsageError: A split has no images, or the target or the tolerance is out of range.

    Example:
        >>> from imgclass.training.history import Epoch, History
        >>> history = History((Epoch(0.6, 0.8, 0.7, 0.8, 1e-3, 9.0),), 0, False, 9.0)
        >>> names = ("cat", "dog")
        >>> train = Score(class_names=names, confusion=((950, 50), (50, 950)), loss=0.2)
        >>> val = Score(class_names=names, confusion=((160, 40), (40, 160)), loss=0.5)
        >>> evidence = Evidence(Experiment(), history, train=train, val=val)
        >>> evidence.bias.value, evidence.variance.value, evidence.shortfall.value
        (0.0, 0.15, 0.15)
    """

    experiment: Experiment
    history: History
    train: Score
    val: Score
    target_accuracy: float = TARGET_ACCURACY
    tolerance: float = TOLERANCE

    def __post_init__(self) -> None:
        for split, score in (("train", self.train), ("val", self.val)):
            if not score.n:
                raise UsageError(f"Expected at least one {split} image to judge by; received none.")
        require_goal(self.target_accuracy, self.tolerance)

    @property
    def bias(self) -> Gap:
        """How far the train accuracy lies below the target: the avoidable bias."""
        return _below(self.target_accuracy, self.train)

    @property
    def variance(self) -> Gap:
        """How far the val accuracy lies below the train accuracy."""
        train, val = self.train, self.val
        interval = difference_interval((train.correct, train.n), (val.correct, val.n))
        return _gap(train.accuracy - val.accuracy, *interval)

    @property
    def shortfall(self) -> Gap:
        """How far the val accuracy lies below the target: bias and variance together."""
        return _below(self.target_accuracy, self.val)


def require_goal(target_accuracy: float, tolerance: float) -> None:
    """Raise a UsageError where the target or the tolerance is no number or out of range."""
    if not (is_number(target_accuracy) and 0 < target_accuracy <= 1):
        raise UsageError(
            f"Expected 0 < target_accuracy <= 1; received {target_accuracy=}. "
            f"It is a share: 0.9 is 90 %."
        )
    if not (is_number(tolerance) and 0 <= tolerance < 1):
        raise UsageError(
            f"Expected 0 <= tolerance < 1; received {tolerance=}. It is a share: 0.02 is 2 points."
        )


def _below(target: float, score: Score) -> Gap:
    low, high = score.interval
    return _gap(target - score.accuracy, target - high, target - low)


def _gap(value: float, low: float, high: float) -> Gap:
    return Gap(round(value, DIGITS), (round(low, DIGITS), round(high, DIGITS)))
