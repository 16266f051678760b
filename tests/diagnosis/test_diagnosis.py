import pytest

from imgclass.diagnosis import Diagnosis, Expectation, Finding, Recommendation
from imgclass.errors import UsageError
from imgclass.experiment import Experiment
from imgclass.serialization import from_plain, to_plain

WRITTEN_BEFORE = {"changes": ["depth 3 to 4"], "reason": "Because.", "experiment": {}}


def test_a_recommendation_written_before_there_were_expectations_can_be_read():
    read = from_plain(Recommendation, WRITTEN_BEFORE)
    assert read == Recommendation(("depth 3 to 4",), "Because.", Experiment())
    assert (read.lever, read.expected, read.seconds, read.falsifier) == ("", None, None, "")


def test_a_diagnosis_is_read_as_it_was_written():
    step = Recommendation(
        ("depth 3 to 4",),
        "Because.",
        Experiment(),
        lever="deepen",
        expected=Expectation(0.02, (0.0, 0.03), 12),
        seconds=4.5,
        falsifier="Wrong if not.",
    )
    diagnosis = Diagnosis(0.9, 0.02, (Finding("high_bias", 0.1, "", (), None, (step,)),))
    assert from_plain(Diagnosis, to_plain(diagnosis)) == diagnosis


def test_the_outlook_says_what_is_known():
    step = Recommendation(
        ("depth 3 to 4",),
        "Because.",
        Experiment(),
        expected=Expectation(0.02, (0.0, 0.03), 12),
        seconds=75,
        falsifier="Wrong if not.",
    )
    assert step.outlook == (
        "In 12 similar runs, median +2.0 points, between +0.0 and +3.0; about 1 min 15 s here. "
        "Wrong if not."
    )


def test_what_lowered_val_in_similar_runs_is_recommended_last():
    losing = Recommendation(
        ("depth 3 to 4",),
        "",
        Experiment(architecture="cnn"),
        expected=Expectation(-0.01, (-0.1, 0.02), 9),
    )
    unknown = Recommendation(("width 8 to 16",), "", Experiment(architecture="resnet"))
    findings = (
        Finding("high_variance", 0.2, "", (), None, (losing,)),
        Finding("high_bias", 0.1, "", (), None, (unknown,)),
    )
    assert Diagnosis(0.9, 0.02, findings).recommendations == (unknown, losing)
    assert Diagnosis(0.9, 0.02, findings[:1]).recommendation == losing


def test_a_time_that_cannot_be_is_refused():
    with pytest.raises(UsageError, match="seconds >= 0"):
        Recommendation((), "", Experiment(), seconds=-1.0)
