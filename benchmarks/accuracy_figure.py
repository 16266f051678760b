"""Accuracy against time as a picture: curves of several programs, a colour for each."""

from collections.abc import Mapping, Sequence
from pathlib import Path

# (seconds since the program began, accuracy in 0-1), in order
Curve = list[tuple[float, float]]

COLOURS = ("#0072b2", "#d55e00", "#666666", "#009e73")  # Okabe and Ito's, for all eyes
SIZE = (7.2, 3.6)  # inches


def time_to(curve: Curve, accuracy: float) -> float | None:
    """Return the seconds after which a curve first has an accuracy; None if it never has.

    Example:
        >>> time_to([(10.0, 0.8), (20.0, 0.9)], 0.85)
        20.0
    """
    return next((seconds for seconds, reached in curve if reached >= accuracy), None)


def draw(curves: Mapping[str, Sequence[Curve]], path: Path, *, target: float) -> None:
    """Draw every curve, those of one program in one colour, and save the picture."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    # Letters as text, and no date: the file is small, and the same each time.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "imgclass", "font.size": 10}):
        figure = Figure(figsize=SIZE, layout="constrained")
        axes = figure.add_subplot()
        for colour, (name, several) in zip(COLOURS, curves.items(), strict=False):
            for number, curve in enumerate(several):
                axes.plot(
                    *zip(*curve, strict=True),
                    color=colour,
                    marker="o",
                    markersize=3,
                    linewidth=1.5,
                    label=name if number == 0 else None,
                )
        axes.axhline(target, color="#bbbbbb", linewidth=1, zorder=0)
        axes.set_xscale("log")
        ticks = [5, 10, 20, 30, 60, 120, 300, 600, 1800]
        last = max(s for several in curves.values() for curve in several for s, _ in curve)
        axes.set_xticks([tick for tick in ticks if tick <= 2 * last])
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.minorticks_off()
        axes.set_xlabel("seconds since the program began")
        axes.set_ylabel("accuracy")
        axes.set_ylim(top=1)
        axes.grid(visible=True, color="#eeeeee", zorder=-1)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, loc="lower right")
        figure.savefig(path, metadata={"Date": None})
