"""The learning curves as pictures, one for light and one for dark pages.

No text from data is drawn: matplotlib would parse a class name with a dollar sign as a formula.
"""

from dataclasses import dataclass, replace
from io import BytesIO

from imgclass.formatting import figure, percent
from imgclass.report.datauri import data_uri
from imgclass.training.curves import DARK, LIGHT, Curves, Theme, draw
from imgclass.training.history import History

WIDTH, HEIGHT = 480, 300  # CSS pixels; drawn at twice that for screens of high density
_INCH = 100


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture as PNG data URIs: `light` for light pages and paper, `dark` for dark pages."""

    title: str
    light: str
    dark: str
    alt: str


def learning_curves(history: History, target_accuracy: float) -> tuple[Chart, ...]:
    """Draw the accuracy, with the target (0-1), and the loss; without a whole epoch, nothing."""
    if not history.epochs:
        return ()
    first = history.epochs[0]
    kept = history.epochs[-1] if history.best_epoch is None else history.best
    return (
        _chart(
            replace(history.curves("accuracy"), target=100 * target_accuracy),
            f"training {percent(first.accuracy)} to {percent(kept.accuracy)}, "
            f"validation {percent(first.val_accuracy)} to {percent(kept.val_accuracy)}",
        ),
        _chart(
            history.curves("loss"),
            f"training {figure(first.loss)} to {figure(kept.loss)}, "
            f"validation {figure(first.val_loss)} to {figure(kept.val_loss)}",
        ),
    )


def _chart(curves: Curves, words: str) -> Chart:
    last = "the last" if curves.kept is None else f"the kept epoch {curves.kept + 1}"
    alt = f"{curves.title} by epoch, from the first to {last}: {words}."
    return Chart(curves.title, _png(curves, LIGHT), _png(curves, DARK), alt)


def _png(curves: Curves, theme: Theme) -> str:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    picture = Figure(figsize=(WIDTH / _INCH, HEIGHT / _INCH), facecolor=theme.surface)
    picture.subplots_adjust(left=0.1, right=0.97, top=0.95, bottom=0.16)
    canvas = FigureCanvasAgg(picture)
    draw(curves, picture.add_subplot(facecolor=theme.surface), theme)
    png = BytesIO()
    canvas.print_figure(png, dpi=2 * _INCH, format="png", metadata={"Software": None})
    return data_uri("image/png", png.getvalue())
