"""RateTest: how the loss changed while the learning rate grew, and the rate that follows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from imgclass.formatting import count
from imgclass.training.curves import LIGHT, Theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

# The rate of the lowest loss is about to be too high; a tenth of it still learns fast. Source for
# this and for the smoothing: Howard and Gugger, *fastai: A Layered API for Deep Learning*, 2020.
BELOW_LOWEST = 10
# Weight of the steps before in the smoothed loss, which so follows the last ten steps.
SMOOTHING = 0.9
INCHES = (4.8, 3.0)  # of a picture


@dataclass(frozen=True, slots=True, repr=False)
class RateTest:
    """A learning-rate range test (Smith, *Cyclical Learning Rates*, 2017).

    Attributes:
        rates: The learning rate of each step, growing exponentially.
        losses: What was minimised, on the batch of each step.

    Example:
        >>> test = RateTest(rates=(0.01, 0.1, 1.0, 10.0), losses=(2.0, 1.5, 0.8, 5.0))
        >>> test
        <RateTest: 4 steps, suggests a learning rate of 0.1>
        >>> test.to_frame().shape
        (4, 3)
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]

    @property
    def smoothed(self) -> tuple[float, ...]:
        """The losses as an exponential moving average, without its bias to the first (as Adam)."""
        return smoothed(self.losses)

    @property
    def suggestion(self) -> float:
        """A tenth of the rate at which the smoothed loss was lowest, rounded to two digits."""
        values = self.smoothed
        lowest = self.rates[values.index(min(values))]
        return float(f"{lowest / BELOW_LOWEST:.1e}")

    def to_frame(self) -> "pd.DataFrame":
        """Return a table with a row per step, numbered from 1."""
        import pandas as pd

        columns = {"rate": self.rates, "loss": self.losses, "smoothed": self.smoothed}
        return pd.DataFrame(columns, index=pd.RangeIndex(1, len(self.rates) + 1, name="step"))

    def plot(self, *, ax: "Axes | None" = None, theme: Theme = LIGHT) -> "Axes":
        """Draw the loss by the learning rate; the vertical line is the suggestion.

        Args:
            ax: Where to draw; a new figure if not given.
            theme: The colours.
        """
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.figure(layout="constrained").add_subplot()
        ax.semilogx(self.rates, self.losses, color=theme.train, alpha=0.4, label="loss of a step")
        ax.semilogx(self.rates, self.smoothed, color=theme.val, linewidth=1.8, label="smoothed")
        ax.axvline(self.suggestion, color=theme.ink, linewidth=0.9, linestyle=(0, (5, 3)))
        ax.set_xlabel(f"learning rate (suggested: {self.suggestion:g})", color=theme.ink)
        ax.tick_params(colors=theme.ink, labelsize=9)
        low, first = min(self.losses), self.losses[0]
        height = max(first - low, 0.1 * abs(first), 1e-6)
        # Scaled to where it diverges, the rest would be flat.
        ax.set_ylim(low - 0.1 * height, first + height / 2)
        ax.set_title("Loss", color=theme.ink)
        ax.legend(frameon=False, labelcolor=theme.ink)
        return ax

    def picture(self) -> bytes:
        """Return the plot as a PNG file."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure, png = Figure(figsize=INCHES, layout="constrained"), BytesIO()
        canvas = FigureCanvasAgg(figure)
        self.plot(ax=figure.add_subplot())
        canvas.print_figure(png, dpi=200, format="png", metadata={"Software": None})
        return png.getvalue()

    def __repr__(self) -> str:
        steps = count(len(self.rates), "step")
        return f"<RateTest: {steps}, suggests a learning rate of {self.suggestion:g}>"


def smoothed(losses: Sequence[float]) -> tuple[float, ...]:
    """Return the moving average of losses up to each step.

    Example:
        >>> smoothed([2.0, 2.0, 2.0])
        (2.0, 2.0, 2.0)
    """
    found, total = [], 0.0
    for step, loss in enumerate(losses, start=1):
        total = SMOOTHING * total + (1 - SMOOTHING) * loss
        found.append(total / (1 - math.pow(SMOOTHING, step)))
    return tuple(found)
