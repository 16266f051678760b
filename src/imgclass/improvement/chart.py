"""Where the lineage's picture draws each step: accuracy upwards, steps from left to right."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor

from imgclass.improvement.lineage import Lineage, Step

LEFT, RIGHT, TOP, BOTTOM = 52.0, 20.0, 16.0, 40.0  # margins, in units of the picture
HEIGHT, SPACING = 320.0, 84.0
FEWEST_SPACES = 6  # a short lineage is not stretched
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)  # between two ticks
MOST_TICKS = 6


@dataclass(frozen=True, slots=True)
class Mark:
    """One step in the picture.

    Attributes:
        step: What it shows.
        number: From 0, the start.
        x: Place of its point.
        y: Likewise.
        low: Lower end of its 95 % interval.
        high: Upper end.
        origin: Place of its parent's point; None for the start.
        expected: Lower end, middle and upper end of what was expected; None if unknown.
    """

    step: Step
    number: int
    x: float
    y: float
    low: float
    high: float
    origin: tuple[float, float] | None
    expected: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class Chart:
    """The picture.

    Attributes:
        width: In its units; the height is `HEIGHT`.
        marks: Its steps; those without a score are left out.
        ticks: Accuracies in 0-1, with their places.
        target: Place of the target; None if it is outside.
    """

    width: float
    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, float], ...]
    target: float | None


def draw_lineage(lineage: Lineage) -> Chart | None:
    """Return where everything is drawn; None before anything was scored."""
    accuracies = {
        step.run: step.val_accuracy for step in lineage.steps if step.val_accuracy is not None
    }
    if not accuracies:
        return None
    scored = [step for step in lineage.steps if step.run in accuracies]
    shown = [*accuracies.values(), *(edge for step in scored for edge in step.val_interval or ())]
    spacing = _spacing(max(shown) - min(shown))
    low, high = floor(min(shown) / spacing) * spacing, ceil(max(shown) / spacing) * spacing

    def y(accuracy: float) -> float:
        share = (min(max(accuracy, low), high) - low) / ((high - low) or 1.0)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    places = {
        step.run: (LEFT + SPACING * (place + 0.5), y(accuracies[step.run]))
        for place, step in enumerate(scored)
    }
    marks = tuple(
        Mark(
            step,
            lineage.steps.index(step),
            *places[step.run],
            low=y((step.val_interval or (accuracies[step.run],))[0]),
            high=y((step.val_interval or (accuracies[step.run],))[-1]),
            origin=places.get(step.parent),
            expected=_expected(step, accuracies.get(step.parent), y),
        )
        for step in scored
    )
    count = round((high - low) / spacing)
    ticks = tuple((round(low + i * spacing, 2), y(low + i * spacing)) for i in range(count + 1))
    width = LEFT + RIGHT + SPACING * max(FEWEST_SPACES, len(scored))
    target = lineage.target_accuracy
    return Chart(width, marks, ticks, y(target) if low <= target <= high else None)


def _spacing(spread: float) -> float:
    """Return the finest of the usual distances between ticks that gives few enough of them."""
    return next((step for step in STEPS if spread / step <= MOST_TICKS - 1), STEPS[-1])


def _expected(
    step: Step, before: float | None, y: Callable[[float], float]
) -> tuple[float, float, float] | None:
    expected = step.idea.recommendation.expected if step.idea else None
    if expected is None or before is None:
        return None
    low, high = expected.interval
    return y(before + low), y(before + expected.gain), y(before + high)
