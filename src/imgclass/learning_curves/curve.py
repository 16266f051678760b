"""LearningCurve: val accuracy by the number of training images, and what more would bring."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from imgclass.errors import UsageError
from imgclass.formatting import count
from imgclass.learning_curves.points import CurvePoint, Forecast
from imgclass.learning_curves.power_law import FEWEST_SIZES, LEVEL, PowerLawFit, fit_power_law
from imgclass.learning_curves.words import describe, what_is_missing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

WORTH_IT = 0.02  # the Diagnoser's tolerance
# Level of the interval that lies below it before anyone is told to gather no more images.
SURE = 0.95
NO_LAW = 0.01  # p-value below which the points do not follow the law

Verdict = Literal["data_is_a_limit", "data_is_no_limit", "unclear", "too_few_points"]


@dataclass(frozen=True, slots=True, repr=False)
class LearningCurve:
    """Val accuracy by the number of training images, with a power law fitted to it.

    Attributes:
        points: The trainings, those with the fewest images first.
        guess: The val accuracy of naming the largest class always, in 0-1.
        path: The folder of the trainings; None if there is none.
        finding: What the Diagnoser says first of the training on all images, such as
            `high_variance`; empty if unknown.

    Example:
        >>> measured = {250: 700, 500: 777, 1000: 830, 2000: 868}
        >>> curve = LearningCurve([CurvePoint(n, right, 1000) for n, right in measured.items()])
        >>> curve
        <LearningCurve: val accuracy 0.700 to 0.868 with 250 to 2,000 images; data_is_a_limit>
        >>> print(curve.sentences[0])
        Twice the training images (4,000) would bring val from 0.868 to about 0.894 (0.870 to 0.9...
    """

    points: Sequence[CurvePoint]
    guess: float = 0.0
    path: Path | None = field(default=None, compare=False)
    finding: str = ""

    def __post_init__(self) -> None:
        if not self.points:
            raise UsageError("Expected at least one point of a learning curve; received none.")
        ordered = sorted(self.points, key=lambda point: (point.images, point.repeat))
        object.__setattr__(self, "points", tuple(ordered))

    @property
    def whole(self) -> int:
        """All training images that there are."""
        return self.points[-1].images

    @property
    def fit(self) -> PowerLawFit | None:
        """The fitted law; None if fewer than three sizes are told apart from guessing."""
        return _fitted(self.points, self.guess)[0]

    @property
    def fitted_points(self) -> tuple[CurvePoint, ...]:
        """The points that the law is fitted to.

        Some of the smallest are left out: those that are not told apart from guessing and, while
        there are more sizes than needed, those with which no law fits. The law begins above such
        sizes (Hestness et al., 2017).
        """
        return _fitted(self.points, self.guess)[1]

    @property
    def verdict(self) -> Verdict:
        """Whether data is what limits val accuracy, judged by what twice the images would bring.

        `data_is_a_limit`: the gain is told apart from none, and two points or more are expected.
        `data_is_no_limit`: even the upper end of its 95 % interval is less than two points.
        `unclear`: neither. `too_few_points`: there is no fit.
        """
        if self.fit is None:
            return "too_few_points"
        twice = self.predict(2 * self.whole)
        if self.predict(2 * self.whole, level=SURE).gain_interval[1] < WORTH_IT:
            return "data_is_no_limit"
        if twice.gain >= WORTH_IT and self.is_told_apart(twice):
            return "data_is_a_limit"
        return "unclear"

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the curve says, in words."""
        return tuple(describe(self))

    def is_told_apart(self, forecast: Forecast) -> bool:
        """Return whether the lower end of a gain is at least one val image more."""
        return forecast.gain_interval[0] >= 1 / self.points[-1].n

    def predict(self, images: int, *, level: float = LEVEL) -> Forecast:
        """Return the val accuracy to expect after training on so many images.

        Args:
            images: Training images, 1 or more. Beyond four times as many as there are, nothing has
                been measured that would show where the law ends.
            level: Share of such intervals that should hold the truth, in 0-1.

        Raises:
            UsageError: There are too few points for a fit, or a value is out of range.

        Example:
            >>> points = [CurvePoint(n, 1000 - 3000 // n, 1000) for n in (10, 20, 40, 80)]
            >>> round(LearningCurve(points).predict(160).accuracy, 2)
            0.98
        """
        if images < 1 or not 0 < level < 1:
            raise UsageError(
                f"Expected images >= 1 and 0 < level < 1; received {images=}, {level=}."
            )
        fit = self.fit
        if fit is None:
            raise UsageError(what_is_missing(self))
        low, high = fit.interval(images, level=level)
        return Forecast(
            images,
            1 - fit.law.error(images),
            (1 - high, 1 - low),
            fit.law.error(self.whole) - fit.law.error(images),
            fit.gain_interval(self.whole, images, level=level),
            level,
        )

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each training: images, accuracy, its interval, and the law's."""
        import pandas as pd

        rows = [
            {
                "images": point.images,
                "repeat": point.repeat,
                "accuracy": point.accuracy,
                "low": point.interval[0],
                "high": point.interval[1],
                "n": point.n,
                "fitted": None if self.fit is None else 1 - self.fit.law.error(point.images),
                "run": None if point.run is None else str(point.run),
            }
            for point in self.points
        ]
        return pd.DataFrame(rows).astype({"fitted": float})

    def plot(self, *, ax: "Axes | None" = None) -> "Axes":
        """Draw the points with their intervals, the law with its band, and the forecast dashed.

        Args:
            ax: Where to draw; a new figure if not given.
        """
        from imgclass.learning_curves.picture import draw

        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.figure(layout="constrained").add_subplot()
        draw(self, ax)
        return ax

    def __repr__(self) -> str:
        first, last = self.points[0], self.points[-1]
        return (
            f"<LearningCurve: val accuracy {first.accuracy:.3f} to {last.accuracy:.3f} with "
            f"{first.images:,} to {count(last.images, 'image')}; {self.verdict}>"
        )


@lru_cache(maxsize=16)  # every figure of a curve asks for it
def _fitted(
    points: tuple[CurvePoint, ...], guess: float
) -> tuple[PowerLawFit | None, tuple[CurvePoint, ...]]:
    """Return the law, and the points that it is fitted to."""
    used = tuple(point for point in points if point.interval[0] > guess)
    while len(sizes := {point.images for point in used}) >= FEWEST_SIZES:
        fit = fit_power_law(
            [point.images for point in used],
            [point.n - point.correct for point in used],
            [point.n for point in used],
        )
        if fit.p_value >= NO_LAW or len(sizes) == FEWEST_SIZES:
            return fit, used
        used = tuple(point for point in used if point.images > min(sizes))
    return None, used
