"""Learning curves: train and val by epoch, drawn with matplotlib."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_MARKED = 30  # epochs; the marks of more would run together


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of a chart; colour-blind eyes of every kind tell blue from orange."""

    surface: str
    ink: str
    grid: str
    train: str
    val: str
    target: str


LIGHT = Theme("#ffffff", "#4d5761", "#e4e8ec", "#c2540a", "#0b62a8", "#00785a")
DARK = Theme("#171c22", "#a9b4c0", "#2b333c", "#f0a04b", "#63b3ee", "#3cc79b")


@dataclass(frozen=True, slots=True)
class Curves:
    """One figure by epoch.

    Attributes:
        title: What the figure is, with its unit.
        train: On the training images, after each epoch.
        val: On the validation images, after each epoch.
        kept: Position of the epoch whose weights were kept, from 0; None for none.
        target: Drawn as a line; None for none.
    """

    title: str
    train: Sequence[float]
    val: Sequence[float]
    kept: int | None
    target: float | None = None


def draw(curves: Curves, axes: "Axes", theme: Theme = LIGHT) -> None:
    """Draw train dashed, val solid, the kept epoch as a vertical line, and any target."""
    numbers = range(1, len(curves.train) + 1)
    marker = "o" if len(curves.train) <= MOST_MARKED else None
    style: dict[str, Any] = {
        "linewidth": 1.8,
        "marker": marker,
        "markersize": 3.5,
        "solid_capstyle": "round",
    }
    if curves.target is not None:
        axes.axhline(curves.target, color=theme.target, linewidth=1.2, linestyle=(0, (2, 2)))
    train, val = _finite(curves.train), _finite(curves.val)
    axes.plot(numbers, train, color=theme.train, linestyle=(0, (5, 1.5)), label="training", **style)
    axes.plot(numbers, val, color=theme.val, label="validation", **style)
    if curves.kept is not None:
        _mark(axes, curves.kept + 1, val[curves.kept], theme)
    _dress(axes, theme, epochs=len(curves.train))


def _mark(axes: "Axes", epoch: int, value: float, theme: Theme) -> None:
    axes.axvline(epoch, color=theme.ink, linewidth=0.9, linestyle=(0, (5, 3)), alpha=0.6)
    axes.plot(
        [epoch],
        [value],
        marker="o",
        markersize=8,
        markerfacecolor=theme.surface,
        markeredgecolor=theme.val,
        markeredgewidth=2,
    )


def _finite(values: Sequence[float]) -> list[float]:
    return [value if math.isfinite(value) else math.nan for value in values]


def _dress(axes: "Axes", theme: Theme, *, epochs: int) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, min_n_ticks=1))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
    axes.set_xlim(0.5, epochs + 0.5)
    axes.set_xlabel("epoch", color=theme.ink, fontsize=9)
    axes.tick_params(colors=theme.ink, labelsize=9, length=0)
    axes.grid(visible=True, axis="y", color=theme.grid, linewidth=0.8)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(theme.grid)
