"""What a learning curve says, in sentences."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from imgclass.formatting import points
from imgclass.learning_curves.power_law import FEWEST_SIZES, LEVEL

if TYPE_CHECKING:
    from imgclass.learning_curves.curve import LearningCurve
    from imgclass.learning_curves.points import Forecast


def describe(curve: "LearningCurve") -> Iterator[str]:
    """Yield what more training images would bring, whether data is the limit, and what is left out.

    Without a fit, yield what is missing for one.
    """
    if curve.fit is None:
        yield what_is_missing(curve)
        return
    now = 1 - curve.fit.law.error(curve.whole)
    twice, four_times = curve.predict(2 * curve.whole), curve.predict(4 * curve.whole)
    apart = "" if curve.is_told_apart(twice) else ", not told apart from no gain"
    yield (
        f"Twice the training images ({twice.images:,}) would bring val from {now:.3f} to about "
        f"{twice}{apart}."
    )
    yield (
        f"Four times as many ({four_times.images:,}): about {four_times}. "
        f"The ranges are {100 * LEVEL:.0f} % intervals."
    )
    yield _meaning(curve, twice)
    if curve.finding:
        yield f"Of the training on all images the Diagnoser says: {curve.finding}."
    used = {point.images for point in curve.fitted_points}
    if left_out := {point.images for point in curve.points} - used:
        yield (
            f"Left out of the fit: {_listed(left_out)} images. With so few, val does not follow "
            f"the law yet."
        )


def what_is_missing(curve: "LearningCurve") -> str:
    """Return why no law is fitted to a curve, and what to do."""
    sizes = {point.images for point in curve.points}
    usable = {point.images for point in curve.fitted_points}
    has = f" ({_listed(usable)} images)" if usable else ""
    remedy = "larger parts, or train for longer" if usable < sizes else "--parts 0.125,0.25,0.5"
    return (
        f"Expected {FEWEST_SIZES} numbers of training images or more with which val is told apart "
        f"from guessing ({curve.guess:.3f}), to fit a curve; there are {len(usable)}{has}. "
        f"Take {remedy}."
    )


def _meaning(curve: "LearningCurve", twice: "Forecast") -> str:
    low, high = (points(end) for end in twice.gain_interval)
    gain = f"doubling the images brings {points(twice.gain)} points ({low} to {high})"
    return {
        "data_is_a_limit": f"Data is a limit: {gain}. Gathering images is worth it.",
        "data_is_no_limit": f"Data is not the limit: {gain}. Look for another.",
        "unclear": f"Whether data is the limit is not clear: {gain}. More repeats tell.",
    }[curve.verdict]


def _listed(sizes: Iterable[int]) -> str:
    return ", ".join(f"{size:,}" for size in sorted(sizes))
