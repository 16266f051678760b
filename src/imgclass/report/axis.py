"""The axis on which a page draws accuracies."""

from collections.abc import Iterable
from math import floor
from typing import NamedTuple

from imgclass.evaluation import Score

FEW = 5  # tenths; a longer axis is marked at every second one


class Axis(NamedTuple):
    """A range of accuracies that ends at 1.

    Example:
        >>> axis = Axis(low=0.8)
        >>> axis.at(0.9), axis.ticks
        (50.0, (0.8, 0.9, 1.0))
    """

    low: float

    def at(self, accuracy: float) -> float:
        """Return an accuracy's place, in percent from the left end."""
        share = (accuracy - self.low) / (1 - self.low)
        return round(100 * min(1.0, max(0.0, share)), 2)

    @property
    def ticks(self) -> tuple[float, ...]:
        """Round accuracies from left to right, in 0-1."""
        tenths = round(10 * (1 - self.low))
        step = 1 if tenths <= FEW else 2
        return tuple((10 - i) / 10 for i in range(0, tenths + 1, step))[::-1]


def axis_for(scores: Iterable[Score], target: float) -> Axis:
    """Return the axis that shows every interval and the target, with some room below."""
    lowest = min(target, *(score.interval[0] for score in scores))
    return Axis(low=max(0, floor(10 * lowest - 0.5)) / 10)
