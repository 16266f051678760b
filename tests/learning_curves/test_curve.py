"""A curve says what twice the images would bring, whether data is the limit, and what it lacks."""

from dataclasses import replace

import matplotlib.pyplot as plt
import pytest

from imgclass import LearningCurve
from imgclass.errors import UsageError
from imgclass.learning_curves.picture import render
from imgclass.learning_curves.points import CurvePoint

RISING = {250: 0.70, 500: 0.777, 1000: 0.83, 2000: 0.868}
LEVELLED = {250: 0.80, 500: 0.85, 1000: 0.86, 2000: 0.861}
FLAT = {250: 0.85, 500: 0.851, 1000: 0.849, 2000: 0.85}


def curve_of(measured, *, n=1000, guess=0.1):
    return LearningCurve([CurvePoint(k, round(n * v), n) for k, v in measured.items()], guess)


def test_a_rising_curve_says_that_data_is_a_limit():
    curve = curve_of(RISING)
    assert curve.verdict == "data_is_a_limit"
    twice = curve.predict(4000)
    assert 0.88 < twice.accuracy < 0.91
    assert twice.interval[0] < twice.accuracy < twice.interval[1]
    assert curve.sentences[0].startswith(
        "Twice the training images (4,000) would bring val from 0.868 to about 0.89"
    )
    assert "Data is a limit: doubling the images brings" in curve.sentences[2]


def test_a_curve_that_has_levelled_says_that_data_is_no_limit():
    curve = curve_of(LEVELLED, n=10_000)
    assert curve.verdict == "data_is_no_limit"
    assert "Data is not the limit" in curve.sentences[2]


def test_what_the_diagnoser_says_stands_beside():
    curve = replace(curve_of(RISING), finding="high_variance")
    assert curve.sentences[3].endswith("the Diagnoser says: high_variance.")


def test_a_flat_curve_is_not_told_apart_from_no_gain():
    assert "not told apart from no gain" in curve_of(FLAT).sentences[0]


def test_few_val_images_leave_it_unclear():
    curve = curve_of(RISING, n=40)
    assert curve.verdict == curve_of(LEVELLED, n=100).verdict == "unclear"
    assert "More repeats tell" in curve.sentences[2]


def test_two_sizes_say_what_is_missing_instead_of_a_fit():
    curve = curve_of({1000: 0.83, 2000: 0.868})
    assert (curve.fit, curve.verdict) == (None, "too_few_points")
    (sentence,) = curve.sentences
    assert "there are 2 (1,000, 2,000 images). Take --parts 0.125,0.25,0.5" in sentence
    with pytest.raises(UsageError, match="Expected 3 numbers of training images or more"):
        curve.predict(4000)


def test_sizes_that_are_no_better_than_guessing_are_left_out():
    curve = curve_of({100: 0.11, **RISING})
    assert curve.fit == curve_of(RISING).fit
    assert curve.sentences[-1].startswith("Left out of the fit: 100 images.")
    hopeless = curve_of({100: 0.11, 200: 0.1, 400: 0.3})
    assert "there are 1 (400 images). Take larger parts" in hopeless.sentences[0]


def test_a_small_size_with_which_no_law_fits_is_left_out():
    curve = curve_of({250: 0.6, 500: 0.84, 1000: 0.851, 2000: 0.85}, n=10_000)
    assert {point.images for point in curve.fitted_points} == {500, 1000, 2000}


def test_points_are_ordered_and_are_in_the_table():
    curve = curve_of(dict(reversed(RISING.items())))
    table = curve.to_frame()
    assert list(table["images"]) == sorted(RISING)
    assert list(table["accuracy"]) == list(RISING.values())
    assert (table["fitted"] - table["accuracy"]).abs().max() < 0.01
    assert curve_of({1000: 0.8}).to_frame()["fitted"].isna().all()


def test_a_forecast_of_no_images_or_of_an_impossible_level_is_refused():
    for wrong in ({"images": 0}, {"images": 10, "level": 1.0}):
        with pytest.raises(UsageError, match="Expected images >= 1 and 0 < level < 1"):
            curve_of(RISING).predict(**wrong)


def test_no_point_is_no_curve():
    with pytest.raises(UsageError, match="at least one point"):
        LearningCurve([])


def test_the_plot_has_the_points_the_law_and_the_forecast_dashed():
    axes = curve_of({100: 0.11, **RISING}).plot()
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert {"measured on val", "left out of the fit", "forecast"} <= set(labels)
    assert axes.get_xscale() == "log"
    (forecast,) = [line for line in axes.lines if line.get_label() == "forecast"]
    assert forecast.get_linestyle() == "--"
    assert max(forecast.get_xdata()) == pytest.approx(8000)
    plt.close(axes.figure)


def test_a_curve_without_a_fit_is_drawn_as_points():
    axes = curve_of({1000: 0.8}).plot(ax=plt.figure().add_subplot())
    assert not [line for line in axes.lines if line.get_label() == "forecast"]
    plt.close(axes.figure)


@pytest.mark.parametrize(("kind", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_the_same_curve_gives_the_same_picture(kind, begins):
    one, other = (render(curve_of(RISING), kind) for _ in range(2))
    assert one.startswith(begins)
    assert one == other
