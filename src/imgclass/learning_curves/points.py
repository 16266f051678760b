"""What a learning curve consists of: measured points, and forecasts."""

from dataclasses import dataclass, field
from pathlib import Path

from imgclass.statistics import Interval, wilson_interval


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One training: how many images it had, and how many of val its model got right.

    Attributes:
        images: Training images.
        correct: Val images that were classified correctly.
        n: Val images.
        repeat: 0 for the first training with so many images.
        run: The directory of its run; None if there is none.

    Example:
        >>> CurvePoint(images=500, correct=160, n=200).accuracy
        0.8
    """

    images: int
    correct: int
    n: int
    repeat: int = 0
    run: Path | None = field(default=None, compare=False)

    @property
    def accuracy(self) -> float:
        """Share of the val images that were classified correctly, in 0-1."""
        return self.correct / self.n

    @property
    def interval(self) -> Interval:
        """95 % Wilson interval of the accuracy."""
        return wilson_interval(self.correct, self.n)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the fitted law expects of a number of training images.

    Attributes:
        images: Training images.
        accuracy: On val, in 0-1.
        interval: Of the accuracy.
        gain: Accuracy above that of the law at all images that there are, in -1 to 1.
        gain_interval: Of the gain. It is narrower than that of the accuracy suggests, since the
            two ends of a gain are read from the same law.
        level: Share of such intervals that should hold the truth, in 0-1.
    """

    images: int
    accuracy: float
    interval: Interval
    gain: float
    gain_interval: Interval
    level: float

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.accuracy:.3f} ({low:.3f} to {high:.3f})"
