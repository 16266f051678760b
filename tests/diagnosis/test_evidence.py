from dataclasses import replace

import pytest

from imgclass.diagnosis import Gap
from imgclass.errors import UsageError
from imgclass.evaluation import Score


def test_bias_and_variance_add_up_to_the_shortfall(make_evidence):
    evidence = make_evidence(0.92, 0.81)
    assert evidence.bias.value + evidence.variance.value == pytest.approx(evidence.shortfall.value)


def test_a_gap_holds_its_value_inside_its_interval(make_evidence):
    evidence = make_evidence(0.92, 0.81)
    for gap in (evidence.bias, evidence.variance, evidence.shortfall):
        assert gap.interval[0] < gap.value < gap.interval[1]


def test_accuracies_above_the_target_are_negative_gaps(make_evidence):
    evidence = make_evidence(0.99, 0.97)
    assert evidence.bias.value == -0.04
    assert evidence.shortfall.value == -0.02


def test_gaps_are_free_of_the_last_bits_of_floats(make_evidence):
    assert make_evidence(1.0, 0.95, target=1.0).shortfall.value == 0.05  # 1.0 - 0.95 is above


def test_bias_reads_the_clean_pass_and_not_the_history(make_evidence, make_history):
    evidence = make_evidence(0.45, 0.45, history=make_history((1.0,)))
    assert evidence.history.best.accuracy == 1.0
    assert evidence.bias.value == 0.5


def test_a_gap_is_above_only_with_its_whole_interval():
    assert Gap(0.05, (0.03, 0.07)).is_above(0.02)
    assert not Gap(0.05, (0.02, 0.08)).is_above(0.02)


def test_a_gap_is_undecided_where_its_interval_has_the_tolerance_in_it():
    assert Gap(0.05, (0.01, 0.09)).is_undecided(0.02)
    assert not Gap(0.05, (0.03, 0.07)).is_undecided(0.02)
    assert not Gap(0.01, (0.0, 0.02)).is_undecided(0.02)


@pytest.mark.parametrize("split", ["train", "val"])
def test_a_split_without_images_is_refused_by_name(make_evidence, split):
    empty = Score(("a", "b"), ((0, 0), (0, 0)), 0.0)
    with pytest.raises(UsageError, match=f"one {split} image"):
        replace(make_evidence(0.9, 0.9), **{split: empty})


@pytest.mark.parametrize(
    "goal",
    [
        {"target_accuracy": 95},
        {"target_accuracy": 0.0},
        {"target_accuracy": float("nan")},
        {"tolerance": -0.1},
        {"tolerance": 1.0},
        {"target_accuracy": "0.9"},
        {"target_accuracy": True},
        {"target_accuracy": None},
        {"tolerance": "0.02"},
        {"tolerance": False},
    ],
)
def test_a_goal_that_is_no_share_is_refused(make_evidence, goal):
    with pytest.raises(UsageError, match="It is a share"):
        replace(make_evidence(0.9, 0.9), **goal)


def test_the_test_score_of_a_run_is_no_evidence(small_run):
    assert small_run.evaluation.test is not None
    assert small_run.evidence.test is None


def test_with_train_dev_images_variance_ends_there_and_mismatch_begins(make_evidence, make_score):
    evidence = replace(make_evidence(0.95, 0.70), train_dev=make_score(0.90, 5_000))
    assert evidence.variance.value == 0.05
    assert evidence.mismatch.value == 0.2
