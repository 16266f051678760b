from dataclasses import replace

import pytest
from importlib_metadata import EntryPoint

from imgclass.diagnosis import Diagnoser, Diagnosis, Finding, diagnoser_rules
from imgclass.errors import UsageError
from imgclass.registry import Registry
from imgclass.serialization import dump_json, from_plain, read_json, to_plain

BUILT_IN = {
    "optimisation_failure",
    "still_improving",
    "high_bias",
    "high_variance",
    "within_noise",
    "good_enough",
}


def blurred(evidence):
    return Finding("blurred", 0.5, f"{evidence.val.n} images are blurred.", ("Look at them.",))


def silent(evidence):
    del evidence


def raising(evidence):
    return evidence.nothing


def exiting(evidence):
    raise SystemExit(evidence.val.n)


def wordy(evidence):
    del evidence
    return "it is blurred"


def wrong_inside(evidence):
    return Finding("blurred", 0.5, evidence.val.n, ("Look at them.",))


def too_severe(evidence):
    return replace(blurred(evidence), severity=15)


def test_the_built_in_rules_come_through_the_registry():
    assert set(diagnoser_rules) >= BUILT_IN
    assert all(diagnoser_rules[name].__name__ == name for name in BUILT_IN)


def test_findings_are_ordered_by_the_accuracy_at_stake(make_evidence):
    findings = Diagnoser().diagnose(make_evidence(0.88, 0.70)).findings
    assert [finding.name for finding in findings] == ["high_variance", "high_bias"]
    assert [finding.severity for finding in findings] == [0.18, 0.07]


def test_good_enough_comes_before_the_doubt_about_it(make_evidence):
    findings = Diagnoser().diagnose(make_evidence(0.97, 0.955, n_val=200)).findings
    assert [finding.name for finding in findings] == ["good_enough", "within_noise"]


def test_the_diagnosers_goal_replaces_the_evidences(make_evidence):
    evidence = make_evidence(0.88, 0.86, target=0.5)
    assert Diagnoser().diagnose(evidence).verdict.name == "high_bias"
    relaxed = Diagnoser(target_accuracy=0.85, tolerance=0.01).diagnose(evidence)
    assert relaxed.verdict.name == "good_enough"
    assert (relaxed.target_accuracy, relaxed.tolerance) == (0.85, 0.01)


def test_the_recommendation_is_the_first_of_the_most_pressing_finding(make_evidence):
    diagnosis = Diagnoser().diagnose(make_evidence(0.95, 0.70))
    assert diagnosis.recommendation == diagnosis.verdict.recommendations[0]


def test_there_is_no_recommendation_where_nothing_needs_to_be_tried(make_evidence):
    assert Diagnoser().diagnose(make_evidence(0.99, 0.98)).recommendation is None


def test_rules_can_be_passed_by_hand(make_evidence):
    diagnosis = Diagnoser(rules={"mine": blurred}).diagnose(make_evidence(0.9, 0.8))
    assert [finding.explanation for finding in diagnosis.findings] == ["2500 images are blurred."]


def test_a_registered_rule_joins_the_built_in_ones(make_evidence, monkeypatch):
    monkeypatch.setattr(diagnoser_rules, "_local", {})
    diagnoser_rules.register("mine", blurred)
    diagnosis = Diagnoser().diagnose(make_evidence(0.95, 0.80))
    assert [finding.name for finding in diagnosis.findings] == ["blurred", "high_variance"]


@pytest.mark.parametrize(
    ("rule", "cause"),
    [
        (raising, "AttributeError"),
        (exiting, "SystemExit: 2500"),
        (wordy, "expected an object; received 'it is blurred'"),
        (wrong_inside, "Finding.explanation: expected a value of type str; received 2500"),
        (too_severe, "Expected 0 <= severity <= 1; received severity=15"),
    ],
)
def test_a_broken_rule_is_named_and_spoils_no_other(make_evidence, rule, cause):
    rules = {"theirs": rule, "mine": blurred}
    findings = Diagnoser(rules=rules).diagnose(make_evidence(0.9, 0.8)).findings
    assert [finding.name for finding in findings] == ["blurred", "broken_rule"]
    assert "'theirs'" in findings[1].explanation
    assert cause in findings[1].explanation


def test_a_rule_that_cannot_be_imported_is_named_and_spoils_no_other(make_evidence, monkeypatch):
    gone = EntryPoint(name="gone", value="no_such_module:gone", group="rules")
    rules = Registry("rules", kind="diagnoser rule", entry_points=lambda _: (gone,))
    rules.register("high_variance", diagnoser_rules["high_variance"])
    monkeypatch.setattr("imgclass.diagnosis.diagnoser.diagnoser_rules", rules)
    findings = Diagnoser().diagnose(make_evidence(0.95, 0.8)).findings
    assert [finding.name for finding in findings] == ["high_variance", "broken_rule"]
    assert "'gone'" in findings[1].explanation


@pytest.mark.parametrize("rules", [{}, {"mine": silent}])
def test_where_no_rule_speaks_that_is_the_finding(make_evidence, rules):
    diagnosis = Diagnoser(rules=rules).diagnose(make_evidence(0.9, 0.8))
    assert diagnosis.verdict.name == "inconclusive"


@pytest.mark.parametrize("goal", [{"target_accuracy": 95}, {"tolerance": -0.1}])
def test_a_goal_out_of_range_is_refused_at_once(goal):
    with pytest.raises(UsageError, match="It is a share"):
        Diagnoser(**goal)


def test_a_diagnosis_without_findings_cannot_be_made():
    with pytest.raises(UsageError, match="at least one finding"):
        Diagnosis(0.95, 0.02, ())


def test_a_diagnosis_survives_its_file(make_evidence, tmp_path):
    diagnosis = Diagnoser().diagnose(make_evidence(0.88, 0.70))
    path = tmp_path / "diagnosis.json"
    path.write_text(dump_json(diagnosis), encoding="utf-8")
    assert read_json(Diagnosis, path) == diagnosis


def test_a_saved_run_can_be_diagnosed_again_with_another_target(make_evidence):
    evidence = make_evidence(0.88, 0.86)
    kept = to_plain(
        {"experiment": evidence.experiment, "history": evidence.history, "val": evidence.val}
    )
    again = replace(
        evidence,
        experiment=from_plain(type(evidence.experiment), kept["experiment"]),
        history=from_plain(type(evidence.history), kept["history"]),
        val=from_plain(type(evidence.val), kept["val"]),
    )
    assert again == evidence
    assert Diagnoser(target_accuracy=0.8).diagnose(again).verdict.name == "good_enough"
