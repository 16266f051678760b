"""What a diagnosis reads: one run's experiment, history and clean scores, and the gaps in them."""

from dataclasses import dataclass

from imgclass.evaluation import Score
from imgclass.experiment import Experiment
from imgclass.statistics import Interval, difference_interval
from imgclass.training.history import History


@dataclass(frozen=True, slots=True)
class Gap:
    """A difference of two accuracies and its 95 % interval, both in -1 to 1."""

    value: float
    interval: Interval

    def is_above(self, tolerance: float) -> bool:
        """Whether the whole interval lies above `tolerance`."""
        return self.interval[0] > tolerance


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that a rule may read. The test split is not in it: it is for the report, once.

    Attributes:
        experiment: What was run, with every default filled in.
        history: What happened, epoch by epoch.
        train: Clean pass over the training images with the final weights.
        val: Clean pass over the validation images with the final weights.
        target_accuracy: What would be good enough, in 0-1.
        tolerance: Gaps up to this are not worth an experiment, in 0-1.
    """

    experiment: Experiment
    history: History
    train: Score
    val: Score
    target_accuracy: float = 0.95
    tolerance: float = 0.02

    @property
    def bias(self) -> Gap:
        """How far the train accuracy lies below the target: the avoidable bias."""
        low, high = self.train.interval
        target = self.target_accuracy
        return Gap(target - self.train.accuracy, (target - high, target - low))

    @property
    def variance(self) -> Gap:
        """How far the val accuracy lies below the train accuracy."""
        train, val = self.train, self.val
        return Gap(
            train.accuracy - val.accuracy,
            difference_interval(train.correct, train.n, val.correct, val.n),
        )

    @property
    def shortfall(self) -> Gap:
        """How far the val accuracy lies below the target."""
        low, high = self.val.interval
        target = self.target_accuracy
        return Gap(target - self.val.accuracy, (target - high, target - low))
