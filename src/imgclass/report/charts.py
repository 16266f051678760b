"""The learning curves as pictures, one for light and one for dark pages.

No text from data reaches matplotlib: a class name with a dollar sign would be parsed as a formula.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from imgclass.formatting import figure, percent
from imgclass.report.datauri import data_uri
from imgclass.training.history import History

WIDTH, HEIGHT = 480, 300  # CSS pixels; drawn at twice that for screens of high density
_INCH = 100
MOST_MARKED = 30  # epochs; the marks of more would run together


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of a chart; blue against orange, which every kind of colour-blind eye tells apart."""

    surface: str
    ink: str
    grid: str
    train: str
    val: str
    target: str


LIGHT = Theme("#ffffff", "#4d5761", "#e4e8ec", "#c2540a", "#0b62a8", "#00785a")
DARK = Theme("#171c22", "#a9b4c0", "#2b333c", "#f0a04b", "#63b3ee", "#3cc79b")


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture in two colour schemes.

    Attributes:
        title: What it shows.
        light: PNG data URI for light pages and paper.
        dark: PNG data URI for dark pages.
        alt: The same in words.
    """

    title: str
    light: str
    dark: str
    alt: str


def learning_curves(history: History, target_accuracy: float) -> tuple[Chart, ...]:
    """Draw the accuracy and the loss by epoch, the kept epoch and the target marked.

    There is nothing to draw of a training that ended in its first epoch.

    Args:
        history: What happened, epoch by epoch.
        target_accuracy: Drawn as a line over the accuracies, in 0-1.
    """
    epochs = history.epochs
    if not epochs:
        return ()
    accuracy = _Panel(
        "Accuracy in %",
        [100 * epoch.accuracy for epoch in epochs],
        [100 * epoch.val_accuracy for epoch in epochs],
        kept=history.best_epoch,
        target=100 * target_accuracy,
    )
    loss = _Panel(
        "Loss",
        [epoch.loss for epoch in epochs],
        [epoch.val_loss for epoch in epochs],
        kept=history.best_epoch,
    )
    first = epochs[0]
    kept = epochs[-1] if history.best_epoch is None else history.best
    return (
        _chart(
            accuracy,
            f"training {percent(first.accuracy)} to {percent(kept.accuracy)}, "
            f"validation {percent(first.val_accuracy)} to {percent(kept.val_accuracy)}",
        ),
        _chart(
            loss,
            f"training {figure(first.loss)} to {figure(kept.loss)}, "
            f"validation {figure(first.val_loss)} to {figure(kept.val_loss)}",
        ),
    )


@dataclass(frozen=True, slots=True)
class _Panel:
    title: str
    train: Sequence[float]
    val: Sequence[float]
    kept: int | None
    target: float | None = None


def _chart(panel: _Panel, words: str) -> Chart:
    last = "the last" if panel.kept is None else f"the kept epoch {panel.kept + 1}"
    alt = f"{panel.title} by epoch, from the first to {last}: {words}."
    return Chart(panel.title, _png(panel, LIGHT), _png(panel, DARK), alt)


def _png(panel: _Panel, theme: Theme) -> str:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    picture = Figure(figsize=(WIDTH / _INCH, HEIGHT / _INCH), facecolor=theme.surface)
    picture.subplots_adjust(left=0.1, right=0.97, top=0.95, bottom=0.16)
    canvas = FigureCanvasAgg(picture)
    axes = picture.add_subplot(facecolor=theme.surface)
    _draw(axes, panel, theme)
    _dress(axes, theme, epochs=len(panel.train))
    png = BytesIO()
    canvas.print_figure(png, dpi=2 * _INCH, format="png", metadata={"Software": None})
    return data_uri("image/png", png.getvalue())


def _draw(axes: Any, panel: _Panel, theme: Theme) -> None:
    numbers = range(1, len(panel.train) + 1)
    marker = "o" if len(panel.train) <= MOST_MARKED else None
    style = {"linewidth": 1.8, "marker": marker, "markersize": 3.5, "solid_capstyle": "round"}
    if panel.target is not None:
        axes.axhline(panel.target, color=theme.target, linewidth=1.2, linestyle=(0, (2, 2)))
    axes.plot(numbers, _finite(panel.train), color=theme.train, linestyle=(0, (5, 1.5)), **style)
    axes.plot(numbers, _finite(panel.val), color=theme.val, **style)
    if panel.kept is None:
        return
    axes.axvline(panel.kept + 1, color=theme.ink, linewidth=0.9, linestyle=(0, (5, 3)), alpha=0.6)
    kept = panel.val[panel.kept]
    axes.plot(
        [panel.kept + 1],
        _finite([kept]),
        marker="o",
        markersize=8,
        markerfacecolor=theme.surface,
        markeredgecolor=theme.val,
        markeredgewidth=2,
    )


def _finite(values: Sequence[float]) -> list[float]:
    return [value if math.isfinite(value) else math.nan for value in values]


def _dress(axes: Any, theme: Theme, *, epochs: int) -> None:
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
