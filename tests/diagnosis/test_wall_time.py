from dataclasses import replace
from math import nan

import pytest

from imgclass.diagnosis import Evidence
from imgclass.diagnosis.wall_time import predicted_seconds


def seconds(evidence, *, spec=None, training=None):
    """Predict the seconds of the evidence's experiment with these settings."""
    before = evidence.experiment
    after = replace(
        before,
        spec=replace(before.spec, **(spec or {})),
        training=replace(before.training, **(training or {})),
    )
    return predicted_seconds(evidence, after)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 10.0),
        ({"training": {"epochs": 20}}, 20.0),
        ({"spec": {"depth": 6}}, 20.0),
        ({"spec": {"image_size": (64, 64)}}, 40.0),
        ({"spec": {"width": 256}}, 80.0),
    ],
)
def test_a_training_takes_longer_by_what_changes(evidence_of, changes, expected):
    assert seconds(evidence_of(), **changes) == pytest.approx(expected)


def test_what_is_spent_beside_the_epochs_stays(evidence_of):
    evidence = evidence_of()
    slow_start = replace(evidence, history=replace(evidence.history, seconds=15.0))
    assert seconds(slow_start, training={"epochs": 20}) == pytest.approx(25.0)


def test_the_features_of_a_frozen_network_take_longer_for_larger_images(evidence_of):
    evidence = evidence_of(spec={"trainable": False})
    with_features = replace(evidence, history=replace(evidence.history, seconds=15.0))
    assert seconds(with_features, spec={"image_size": (64, 64)}) == pytest.approx(60.0)
    assert seconds(with_features, training={"epochs": 20}) == pytest.approx(25.0)


def test_patience_that_ended_a_training_is_expected_to_end_the_next(evidence_of, make_history):
    evidence = replace(evidence_of(), history=make_history((0.5,) * 4, stopped_early=True))
    assert seconds(evidence, spec={"dropout": 0.2}) == pytest.approx(4.0)


def test_no_time_is_predicted_where_none_is_known(evidence_of):
    evidence = evidence_of()
    untimed = replace(evidence, history=replace(evidence.history, seconds=nan))
    assert seconds(untimed) is None
    assert predicted_seconds(Evidence(), evidence.experiment) is None


def test_no_time_is_predicted_if_more_of_the_network_learns(evidence_of):
    assert seconds(evidence_of(spec={"trainable": False}), spec={"trainable": True}) is None
