from dataclasses import replace

import pytest

from imgclass.diagnosis import Diagnoser, Expectation, Finding
from imgclass.diagnosis.levers import advise, augment_more, deepen, measure_rate, widen
from imgclass.diagnosis.outlook import with_outlook


@pytest.fixture
def found(evidence_of):
    """Give a finding with these levers, and its evidence."""

    def find(*levers, expected):
        evidence = evidence_of()
        sentences, tries = advise(levers, evidence)
        gains = [gain and Expectation(gain, (gain, gain), 9) for gain in expected]
        tries = tuple(replace(r, expected=e) for r, e in zip(tries, gains, strict=True))
        return Finding("found", 0.1, "", (*sentences, "Look at it."), None, tries), evidence

    return find


@pytest.mark.parametrize(
    ("expected", "order"),
    [
        ((0.01, 0.03, 0.02), ("widen", "augment_more", "deepen")),
        ((None, None, 0.02), ("augment_more", "deepen", "widen")),
        ((-0.01, None, None), ("widen", "augment_more", "deepen")),
        ((None, None, None), ("deepen", "widen", "augment_more")),
    ],
)
def test_the_largest_gain_comes_first_and_a_loss_last(found, expected, order):
    finding, evidence = found(deepen, widen, augment_more, expected=expected)
    after = with_outlook(finding, evidence, ())
    assert tuple(step.lever for step in after.recommendations) == order


def test_an_answer_to_a_cause_keeps_its_place(found):
    finding, evidence = found(measure_rate, deepen, widen, expected=(None, 0.01, 0.2))
    after = with_outlook(finding, evidence, ())
    assert [step.lever for step in after.recommendations] == ["measure_rate", "widen", "deepen"]


def test_the_sentences_of_advice_follow_their_recommendations(found):
    finding, evidence = found(deepen, widen, expected=(0.01, 0.02))
    after = with_outlook(finding, evidence, ())
    assert after.advice == (*(step.sentence for step in after.recommendations), "Look at it.")
    assert set(after.advice) == set(finding.advice)


def test_a_diagnosis_says_what_its_recommendations_brought_in_similar_runs(make_evidence, make_row):
    rows = [make_row(0.03, lever="augment_more", n_train=45_000)] * 12
    rows += [make_row(0.05, lever="drop_more", n_train=45_000)] * 12
    diagnosis = Diagnoser(experience=rows).diagnose(make_evidence(0.99, 0.8))
    steps = {step.lever: step for step in diagnosis.recommendations}
    assert diagnosis.recommendation.lever == "drop_more"
    assert steps["augment_more"].expected == Expectation(0.03, (0.03, 0.03), 12)
    assert steps["penalize_more"].expected is None
    assert steps["drop_more"].seconds == 10.0


def test_the_numbers_that_a_rule_gives_itself_are_kept(found):
    finding, evidence = found(deepen, expected=(None,))
    told = replace(finding, recommendations=(replace(finding.recommendations[0], seconds=7.0),))
    assert with_outlook(told, evidence, ()).recommendations[0].seconds == 7.0
