"""What a change is expected to bring, judged by trainings in which it was tried."""

from dataclasses import dataclass

from imgclass.errors import UsageError
from imgclass.formatting import count
from imgclass.statistics import Interval


@dataclass(frozen=True, slots=True)
class Expectation:
    """The gain in val accuracy that a change brought in similar runs.

    Attributes:
        gain: The median, in -1 to 1: 0.02 is two points.
        interval: The lower and upper end of the middle 80 %.
        runs: How many similar runs it rests on.

    Raises:
        UsageError: A gain is outside -1 to 1, they are not in order, or there is no run.

    Example:
        >>> print(Expectation(0.021, (-0.003, 0.04), runs=23))
        in 23 similar runs, median +2.1 points, between -0.3 and +4.0
    """

    gain: float
    interval: Interval
    runs: int

    def __post_init__(self) -> None:
        low, high = self.interval
        if not -1 <= low <= self.gain <= high <= 1 or self.runs < 1:
            raise UsageError(
                f"Expected -1 <= low <= gain <= high <= 1 and at least one run; received "
                f"gain={self.gain}, interval={self.interval}, runs={self.runs}."
            )

    def __str__(self) -> str:
        low, high = self.interval
        return (
            f"in {count(self.runs, 'similar run')}, median {100 * self.gain:+.1f} points, between "
            f"{100 * low:+.1f} and {100 * high:+.1f}"
        )
