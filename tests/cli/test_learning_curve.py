"""The verb `learning-curve`: the table, the sentences, the JSON, and what it refuses."""

import pytest

from imgclass import LearningCurve
from imgclass.learning_curves.points import CurvePoint

MEASURED = {250: 700, 500: 777, 1000: 830, 2000: 868}


@pytest.fixture
def asked(monkeypatch, organized, tmp_path):
    """What the verb asks for, of a curve that is not trained."""
    found = {}

    def curve(data, experiment, **options):
        found.update(options, data=data, experiment=experiment)
        points = [
            CurvePoint(images, correct, 1000, run=tmp_path / "curve" / f"{images}-images")
            for images, correct in MEASURED.items()
        ]
        return LearningCurve(points, 0.1, tmp_path / "curve")

    monkeypatch.setattr("imgclass.learning_curves.learning_curve", curve)
    monkeypatch.chdir(organized.parent)
    return found


def test_it_prints_the_points_the_forecast_and_what_it_means(imgclass, asked):
    done = imgclass("learning-curve", "data")
    assert done.code == 0
    assert asked["data"].counts["train"] == 24
    assert asked["parts"] == (0.125, 0.25, 0.5, 1.0)
    assert (asked["experiment"], asked["repeats"], asked["out"]) == (None, 1, None)
    assert "2,000   86.8 %        84.6 to 88.8 %  86.8 %" in done.out
    assert "Twice the training images (4,000) would bring val from 0.868" in done.out
    assert "Data is a limit" in done.out
    assert "learning_curve.png" in done.out


def test_options_make_the_experiment(imgclass, asked):
    words = ("--epochs", 3, "--depth", 2, "--parts", "0.25,0.5", "--repeats", 2)
    assert imgclass("learning-curve", "data", *words).code == 0
    assert asked["experiment"].training.epochs == 3
    assert asked["experiment"].spec.depth == 2
    assert (asked["parts"], asked["repeats"]) == ((0.25, 0.5), 2)


@pytest.mark.usefixtures("asked")
def test_the_json_has_the_points_the_law_and_two_forecasts(imgclass):
    said = imgclass("learning-curve", "data", "--json").json
    assert [point["images"] for point in said["points"]] == [*MEASURED]
    assert said["points"][0]["accuracy"] == 0.7
    assert set(said["law"]) == {"floor", "scale", "exponent"}
    assert [forecast["images"] for forecast in said["forecasts"]] == [4000, 8000]
    assert said["verdict"] == "data_is_a_limit"


@pytest.mark.usefixtures("asked")
def test_too_few_parts_have_no_law_and_say_what_is_missing(imgclass, monkeypatch, tmp_path):
    points = [CurvePoint(n, 800, 1000) for n in (100, 200)]
    curve = LearningCurve(points, 0.1, tmp_path)
    monkeypatch.setattr("imgclass.learning_curves.learning_curve", lambda *_, **__: curve)
    said = imgclass("learning-curve", "data", "--json").json
    assert (said["law"], said["forecasts"]) == (None, [])
    assert "Take --parts 0.125,0.25,0.5" in said["sentences"][0]
    assert "n/a" in imgclass("learning-curve", "data").out


@pytest.mark.usefixtures("asked")
def test_parts_that_are_no_numbers_are_refused(imgclass):
    done = imgclass("learning-curve", "data", "--parts", "half")
    assert done.code == 2
    assert "Expected --parts as shares separated by commas" in done.err


def test_a_folder_that_is_not_there_is_an_error(imgclass, tmp_path):
    done = imgclass("learning-curve", tmp_path / "none")
    assert done.code == 3
    assert "there is no folder" in done.err


def test_training_options_beside_a_run_are_refused(imgclass, run_dir):
    done = imgclass("learning-curve", run_dir, "--epochs", 3)
    assert done.code == 2
    assert "Expected no experiment beside a run" in done.err
