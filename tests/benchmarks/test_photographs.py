"""The verdicts on photographs follow from what was measured."""

from xml.etree import ElementTree as ET

import pytest


@pytest.fixture
def ours(benchmark):
    commands, trainings = benchmark("commands"), benchmark("photo_trainings")
    return trainings.Ours(
        seed=0,
        architecture="efficientnet_lite0",
        outcome=commands.Outcome(40.0, 1_800.0, {"start": 2.0, "training": 38.0}),
        fitting=34.0,
        split="test",
        accuracy=0.91,
        interval=(0.88, 0.93),
        n=367,
        val=0.92,
        curve=[(20.0, 0.9), (40.0, 0.92)],
    )


def test_a_target_is_met_by_accuracy_time_ratio_memory_and_share(benchmark, ours):
    photographs = benchmark("photographs")
    keras = [(100.0, 0.85), (240.0, 0.93)]
    lines = photographs.summary([(ours, keras)], target=0.9, within=60).splitlines()
    assert lines[0] == "test 0.9100 in 40.0 s, median of 1"
    assert lines[2] == "Keras took 6.0 times as long to that val, at least 5: met"
    assert all(line.endswith(": met") for line in lines[1:])


def test_what_keras_did_not_reach_is_a_lower_bound(benchmark, ours):
    photographs = benchmark("photographs")
    text = photographs.summary([(ours, [(120.0, 0.9)])], target=0.95, within=30)
    assert "0.95 within 30 s: not met" in text
    assert "more than 3.0 times" in text
    assert "val 0.9200 was not reached" in photographs.describe_keras([(120.0, 0.9)], ours)


def test_the_figure_has_a_curve_and_a_name_for_each_program(benchmark, ours, tmp_path):
    figure = benchmark("accuracy_figure")
    curves = {"imgclass train": [ours.curve], "plain Keras": [[(100.0, 0.85)]], "none": []}
    figure.draw(curves, tmp_path / "figure.svg", target=0.9)
    text = (tmp_path / "figure.svg").read_text(encoding="utf-8")
    ET.fromstring(text)  # noqa: S314 - our own
    assert "imgclass train" in text
    assert "plain Keras" in text
