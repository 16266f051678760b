"""The page of a learning curve: what it says, its picture, its points."""

from imgclass.learning_curves.curve import LearningCurve
from imgclass.learning_curves.picture import render
from imgclass.report.beside import KnownCurve
from imgclass.report.charts import HEIGHT, WIDTH, Chart
from imgclass.report.datauri import data_uri
from imgclass.report.templates import page_template
from imgclass.training.curves import DARK, LIGHT

TITLES = {
    "data_is_a_limit": "More images are worth gathering",
    "data_is_no_limit": "More images would bring little",
    "unclear": "Whether more images help is not clear",
    "too_few_points": "Too little is known for a forecast",
}
TONES = {"data_is_a_limit": "open", "data_is_no_limit": "good"}


def known_curve(curve: LearningCurve) -> KnownCurve:
    """Return a curve as a report shows it: drawn for light and dark pages, with its sentences."""
    light, dark = (
        data_uri("image/png", render(curve, "png", theme=theme)) for theme in (LIGHT, DARK)
    )
    first, last = curve.points[0], curve.points[-1]
    alt = (
        f"Val accuracy by the number of training images: {first.accuracy:.3f} with "
        f"{first.images:,}, {last.accuracy:.3f} with {last.images:,}."
    )
    return KnownCurve(Chart("Val accuracy by training images", light, dark, alt), curve.sentences)


def render_curve(curve: LearningCurve, name: str) -> str:
    """Return a learning curve as one HTML page that needs no other file and no network.

    Args:
        curve: What to show.
        name: Of the data set or the run that it is of.
    """
    law = curve.fit and curve.fit.law
    used = set(curve.fitted_points)
    return page_template("learning_curves").render(
        name=name,
        curve=curve,
        title=TITLES[curve.verdict],
        tone=TONES.get(curve.verdict, "bad"),
        known=known_curve(curve),
        size=(WIDTH, HEIGHT),
        forecasts=[curve.predict(times * curve.whole) for times in (2, 4)] if law else [],
        rows=[
            (point, 1 - law.error(point.images) if law else None, point in used)
            for point in curve.points
        ],
    )
