from dataclasses import replace

import pytest

from imgclass.diagnosis import Diagnoser, rules
from imgclass.evaluation import Score

NAMES = ("often", "rare")


@pytest.fixture
def unlearned(evidence_of):
    """Give evidence of a network that names the larger of two classes, seven of ten, only."""
    return replace(
        evidence_of(training={"epochs": 100}),
        train=Score(NAMES, ((1400, 0), (590, 10)), 0.55),
        val=Score(NAMES, ((700, 0), (298, 2)), 0.6),
    )


def test_an_accuracy_that_the_largest_class_alone_has_comes_first(unlearned):
    diagnosis = Diagnoser().diagnose(unlearned)
    finding = diagnosis.verdict
    assert finding.name == "majority_baseline"
    assert finding.severity == pytest.approx(0.95 - (1 + 2 / 300) / 2)
    assert "Always naming the class often scores 0.700" in finding.explanation
    assert "0.503 (" in finding.explanation
    assert diagnosis.recommendation.changes == ("class_weights to balanced",)


def test_a_target_within_reach_of_the_largest_class_is_not_good_enough(make_evidence):
    evidence = replace(
        make_evidence(0.96, 0.96),
        train=Score(NAMES, ((1900, 0), (40, 60)), 0.1),
        val=Score(NAMES, ((950, 0), (24, 26)), 0.1),
    )
    names = [finding.name for finding in Diagnoser().diagnose(evidence).findings]
    assert names == ["majority_baseline"]
    assert "can be reached without looking" in rules.majority_baseline(evidence).explanation


def test_classes_of_one_size_are_not_weighed(unlearned):
    even = replace(unlearned, train=Score(NAMES, ((990, 10), (590, 410)), 0.6))
    assert rules.majority_baseline(even).recommendations == ()


def test_of_a_baseline_its_cause_is_named_and_not_the_symptom(unlearned, make_history):
    rising = make_history((0.5, 0.55, 0.6, 0.64, 0.67, 0.7))
    cut_off = replace(unlearned, history=rising)
    assert rules.still_improving(cut_off)
    assert rules.majority_baseline(cut_off) is None
    starved = replace(unlearned, val=Score(NAMES, ((950, 0), (50, 0)), 0.3))
    starved = replace(starved, train=Score(NAMES, ((1900, 0), (100, 0)), 0.3))
    assert rules.majority_baseline(starved) is None
    assert "largest class scores 0.950" in rules.starved_classes(starved).explanation
