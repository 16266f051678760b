"""Accuracies with their intervals on a common axis, as places in an SVG picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from imgclass.run.board import Leaderboard
from imgclass.run.ranked_run import RankedRun

STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)  # between two ticks
MOST_TICKS = 6
EDGE = 7.0  # percent of the width left free on both sides, so that no label is cut off
ROW, FOOT = 46, 26  # pixels


@dataclass(frozen=True, slots=True)
class Bar:
    """One run: what it is called, and where its accuracy and interval are.

    Attributes:
        run: The run.
        top: Of its row, in pixels.
        low: Of the interval, in percent of the width; so are `high` and `at`.
        high: Likewise.
        at: Of the accuracy.
    """

    run: RankedRun
    top: int
    low: float
    high: float
    at: float


@dataclass(frozen=True, slots=True)
class IntervalPicture:
    """Where everything is: `ticks` are accuracies in 0-1, each with its place in percent."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, float], ...]
    digits: int

    @property
    def bottom(self) -> int:
        """Where the rows end, in pixels."""
        return ROW * len(self.bars)

    @property
    def height(self) -> int:
        """Of the picture, in pixels."""
        return self.bottom + FOOT


def interval_picture(board: Leaderboard) -> IntervalPicture:
    """Lay out a board's intervals, one row for each run, on an axis that holds all of them."""
    lowest = min(run.interval[0] for run in board)
    highest = max(run.interval[1] for run in board)
    values = ticks_between(lowest, highest)
    low, width = values[0], values[-1] - values[0]

    def place(accuracy: float) -> float:
        return round(EDGE + (100 - 2 * EDGE) * (accuracy - low) / width, 2)

    bars = [
        Bar(run, ROW * row, *map(place, (*run.interval, run.accuracy)))
        for row, run in enumerate(board)
    ]
    digits = 0 if all(abs(100 * value - round(100 * value)) < STEPS[0] for value in values) else 1
    return IntervalPicture(tuple(bars), tuple((value, place(value)) for value in values), digits)


def ticks_between(lowest: float, highest: float) -> Sequence[float]:
    """Return round accuracies in 0-1 from below `lowest` to above `highest`.

    Example:
        >>> ticks_between(0.783, 0.938)
        (0.75, 0.8, 0.85, 0.9, 0.95)
    """
    for step in STEPS:
        first, last = floor(lowest / step + 1e-9), ceil(highest / step - 1e-9)
        if last - first < MOST_TICKS:
            break
    if first == last:
        first, last = (first - 1, last) if first else (first, last + 1)
    return tuple(round(step * i, 3) for i in range(first, last + 1))
