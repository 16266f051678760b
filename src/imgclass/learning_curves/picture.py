"""The picture of a learning curve: points with intervals, the law with its band, the forecast."""

from io import BytesIO
from typing import TYPE_CHECKING, Literal

import numpy as np

from imgclass.training.curves import LIGHT, Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from imgclass.learning_curves.curve import LearningCurve

FORECAST = 4  # times as many images as there are
INCHES, DPI = (6.0, 3.75), 200


def draw(curve: "LearningCurve", axes: "Axes", theme: Theme = LIGHT) -> None:
    """Draw val accuracy in percent by the number of training images, on a logarithmic axis."""
    used = set(curve.fitted_points)
    for is_used in (True, False):
        shown = [point for point in curve.points if (point in used) is is_used]
        if not shown:
            continue
        accuracy = np.array([100 * point.accuracy for point in shown])
        ends = 100 * np.array([point.interval for point in shown])
        axes.errorbar(
            [point.images for point in shown],
            accuracy,
            yerr=np.abs(ends.T - accuracy),
            fmt="o",
            color=theme.val,
            markerfacecolor=theme.val if is_used else theme.surface,
            markersize=5,
            elinewidth=1.2,
            capsize=2,
            label="measured on val" if is_used else "left out of the fit",
        )
    if curve.fit is not None:
        _draw_law(curve, axes, theme)
    _dress(curve, axes, theme)


def render(curve: "LearningCurve", kind: Literal["png", "svg"], *, theme: Theme = LIGHT) -> bytes:
    """Return the picture as a file; the same curve gives the same bytes."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=INCHES, layout="constrained", facecolor=theme.surface)
    file = BytesIO()
    FigureCanvasAgg(figure)
    draw(curve, figure.add_subplot(facecolor=theme.surface), theme)
    unsaid = {"png": {"Software": None}, "svg": {"Creator": None, "Date": None}}
    with mpl.rc_context({"svg.hashsalt": "imgclass"}):
        figure.savefig(file, format=kind, dpi=DPI, metadata=unsaid[kind])
    return file.getvalue()


def _draw_law(curve: "LearningCurve", axes: "Axes", theme: Theme) -> None:
    smallest = min(point.images for point in curve.fitted_points)
    for start, end, style, label in (
        (smallest, curve.whole, "-", "fitted power law, 80 % band"),
        (curve.whole, FORECAST * curve.whole, (0, (5, 2)), "forecast"),
    ):
        images = np.geomspace(start, end, 40)
        found = [curve.predict(round(n)) for n in images]
        low, high = (100 * np.array([f.interval[i] for f in found]) for i in (0, 1))
        axes.fill_between(images, low, high, color=theme.train, alpha=0.15, linewidth=0)
        axes.plot(
            images,
            [100 * f.accuracy for f in found],
            color=theme.train,
            linestyle=style,
            linewidth=1.8,
            label=label,
        )


def _dress(curve: "LearningCurve", axes: "Axes", theme: Theme) -> None:
    from matplotlib.ticker import FixedLocator, MaxNLocator, NullFormatter, NullLocator

    sizes = sorted({point.images for point in curve.points})
    if curve.fit is not None:
        sizes += [2 * curve.whole, FORECAST * curve.whole]
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(sizes))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(lambda images, _: f"{images:,.0f}")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
    axes.set_xlabel("training images", color=theme.ink, fontsize=9)
    axes.set_title("Val accuracy in %", color=theme.ink, fontsize=10)
    axes.tick_params(colors=theme.ink, labelsize=9, length=0)
    axes.grid(visible=True, color=theme.grid, linewidth=0.8)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(theme.grid)
    axes.legend(frameon=False, labelcolor=theme.ink, fontsize=9, loc="lower right")
