from dataclasses import replace
from math import inf, log, nan

import pytest

from imgclass.diagnosis import rules
from imgclass.evaluation import Score
from imgclass.flows import PRESETS

RISING = (0.50, 0.60, 0.66, 0.70, 0.73, 0.76)
MEASURED = ("learning_rate 0.001 to not set", "find_rate to True")
ANNEALING = (1e-3, 8e-4, 6e-4, 4e-4, 2e-4, 0.0)


def with_epoch(evidence, **fields):
    """Replace fields of the second of the epochs."""
    epochs = list(evidence.history.epochs)
    epochs[1] = replace(epochs[1], **fields)
    return replace(evidence, history=replace(evidence.history, epochs=tuple(epochs)))


def first_change(finding):
    return finding.recommendations[0].changes[0].split()[0]


# optimisation_failure


@pytest.mark.parametrize("loss", [nan, inf])
@pytest.mark.parametrize("field", ["loss", "val_loss"])
def test_a_loss_that_is_not_finite_is_a_failure_and_names_its_epoch(make_evidence, field, loss):
    finding = rules.optimisation_failure(with_epoch(make_evidence(0.9, 0.9), **{field: loss}))
    assert finding.severity == 1.0
    assert "in epoch 2" in finding.explanation
    assert finding.recommendations[0].changes == MEASURED


def test_a_final_loss_that_is_not_finite_is_a_failure(make_evidence):
    assert rules.optimisation_failure(make_evidence(0.9, 0.9, train_loss=nan))


@pytest.mark.parametrize("loss", [log(10), 0.99 * log(10), 7.0])
def test_a_loss_no_better_than_guessing_is_a_failure(make_evidence, loss):
    finding = rules.optimisation_failure(make_evidence(0.12, 0.1, train_loss=loss))
    assert "guessing among 10 classes costs 2.303" in finding.explanation


def test_a_loss_well_below_guessing_is_none(make_evidence):
    assert rules.optimisation_failure(make_evidence(0.2, 0.2, train_loss=2.1)) is None


def test_one_class_predicted_for_everything_is_a_failure_and_names_it(make_evidence):
    always_cat = Score(("cat", "dog"), ((57, 0), (43, 0)), 0.68)
    finding = rules.optimisation_failure(replace(make_evidence(0.5, 0.5), train=always_cat))
    assert "'cat'" in finding.explanation


def test_one_class_predicted_is_right_where_there_is_one_class(make_evidence):
    only = Score(("cat",), ((100,),), 0.0)
    evidence = replace(make_evidence(0.9, 0.9), train=only, val=only)
    assert rules.optimisation_failure(evidence) is None
    assert rules.good_enough(evidence)


def test_divergence_is_met_with_the_learning_rate_and_not_with_capacity(make_evidence):
    finding = rules.optimisation_failure(with_epoch(make_evidence(0.9, 0.9), loss=nan))
    assert {first.changes[0].split()[0] for first in finding.recommendations} == {"learning_rate"}


def test_divergence_in_float16_is_met_with_float32_too(evidence_of):
    evidence = with_epoch(evidence_of(training={"precision": "mixed_float16"}), loss=nan)
    changes = [r.changes for r in rules.optimisation_failure(evidence).recommendations]
    assert ("precision mixed_float16 to float32",) in changes


def test_a_rate_too_small_to_learn_by_is_measured(evidence_of):
    evidence = evidence_of(training={"learning_rate": 1e-6})
    still = replace(evidence, train=replace(evidence.train, loss=2.3))
    finding = rules.optimisation_failure(still)
    assert finding.recommendations[0].changes == ("learning_rate 1e-06 to not set", MEASURED[1])


@pytest.mark.parametrize(
    "rule",
    [
        rules.still_improving,
        rules.high_bias,
        rules.high_variance,
        rules.within_noise,
        rules.good_enough,
    ],
)
def test_after_a_failure_every_other_rule_is_silent(make_evidence, rule):
    for accuracies in ((0.5, 0.4), (1.0, 0.5), (0.99, 0.99), (0.95, 0.93)):
        assert rule(with_epoch(make_evidence(*accuracies), loss=nan)) is None


# still_improving


def test_a_training_cut_off_while_it_rose_is_still_improving(make_evidence, make_history):
    evidence = make_evidence(0.80, 0.76, history=make_history(RISING))
    finding = rules.still_improving(evidence)
    assert "cut off" in finding.explanation
    assert finding.recommendations[0].changes == ("epochs 10 to 20",)


def test_a_training_cut_off_at_a_constant_rate_is_let_come_down(evidence_of, make_history):
    evidence = evidence_of(training={"schedule": "constant"})
    finding = rules.still_improving(replace(evidence, history=make_history(RISING)))
    assert [r.changes for r in finding.recommendations] == [
        ("epochs 10 to 20",),
        ("schedule constant to one_cycle",),
    ]


def test_a_rise_under_an_annealed_rate_proves_nothing(make_evidence, make_history):
    history = make_history(RISING, learning_rates=ANNEALING)
    assert rules.still_improving(make_evidence(0.80, 0.76, history=history)) is None
    assert first_change(rules.high_bias(make_evidence(0.80, 0.76, history=history))) == "epochs"


def test_a_training_that_patience_ended_is_not_still_improving(make_evidence, make_history):
    history = make_history(RISING, stopped_early=True)
    assert rules.still_improving(make_evidence(0.80, 0.76, history=history)) is None


def test_a_flat_end_is_not_still_improving(make_evidence):
    assert rules.still_improving(make_evidence(0.80, 0.76)) is None


def test_a_run_at_the_target_need_not_improve(make_evidence, make_history):
    history = make_history((0.5, 0.6, 0.7, 0.9, 0.97))
    assert rules.still_improving(make_evidence(0.98, 0.97, history=history)) is None


# high_bias


def test_a_train_accuracy_surely_below_the_target_is_high_bias(make_evidence):
    finding = rules.high_bias(make_evidence(0.80, 0.79))
    assert finding.gap.value == finding.severity == 0.15
    assert "0.150 below the target of 0.95" in finding.explanation
    assert [r.changes[0].split()[0] for r in finding.recommendations] == [
        "epochs",
        "depth",
        "width",
    ]


def test_bias_of_a_small_network_is_met_by_a_usual_one_first(evidence_of):
    finding = rules.high_bias(evidence_of(spec={"width": 4}))
    assert first_change(finding) == "width"


def test_a_train_accuracy_within_tolerance_is_no_bias(make_evidence):
    assert rules.high_bias(make_evidence(0.935, 0.80)) is None


def test_a_train_accuracy_that_may_be_within_tolerance_is_no_bias(make_evidence):
    assert rules.high_bias(make_evidence(0.90, 0.90, n_train=100, n_val=100)) is None
    assert rules.high_bias(make_evidence(0.90, 0.90, n_val=100))


def test_bias_under_a_frozen_backbone_is_met_by_unfreezing_it(evidence_of):
    finding = rules.high_bias(evidence_of(spec={"trainable": False}))
    assert finding.recommendations[0].changes == ("trainable False to True",)


def test_bias_of_a_training_that_was_cut_off_is_met_by_more_epochs_alone(
    make_evidence, make_history
):
    assert rules.high_bias(make_evidence(0.8, 0.76))
    cut_off = make_evidence(0.8, 0.76, history=make_history(RISING))
    assert rules.high_bias(cut_off) is None
    assert first_change(rules.still_improving(cut_off)) == "epochs"


def test_bias_is_met_with_less_regularization_unless_variance_is_high(evidence_of, make_score):
    regular = evidence_of(spec={"dropout": 0.5, "l2": 1e-3}, augmentation=PRESETS["strong"])
    loosened = {"dropout", "l2", "augmentation"}

    def changed(evidence):
        tries = rules.high_bias(evidence).recommendations
        return {r.changes[0].split()[0] for r in tries}

    assert loosened < changed(regular)
    assert not loosened & changed(replace(regular, val=make_score(0.5, 2_500)))


def test_an_experiment_not_filled_in_still_gets_advice(evidence_of):
    finding = rules.high_bias(evidence_of(spec={"depth": None, "width": None}))
    assert first_change(finding) == "epochs"
    assert any("larger architecture" in sentence for sentence in finding.advice)


# high_variance


def test_a_val_accuracy_surely_below_train_is_high_variance(make_evidence):
    finding = rules.high_variance(make_evidence(0.95, 0.80))
    assert finding.gap.value == finding.severity == 0.15
    assert "0.150 below the train accuracy of 0.950" in finding.explanation
    assert "45,000 training images" in finding.advice[-1]


def test_a_gap_that_may_be_within_tolerance_is_no_variance(make_evidence):
    assert rules.high_variance(make_evidence(0.90, 0.87)) is None
    assert rules.high_variance(make_evidence(0.90, 0.87, n_val=25_000))


def test_variance_is_met_by_what_is_lacking(evidence_of, make_score):
    evidence = evidence_of(augmentation=PRESETS["medium"], spec={"dropout": 0.2})
    finding = rules.high_variance(replace(evidence, train=make_score(1.0, 45_000)))
    assert [r.changes for r in finding.recommendations] == [
        ("l2 0 to 0.0001",),
        ("augmentation medium to strong",),
        ("dropout 0.2 to 0.35",),
        ("epochs 10 to 20", "augmentation medium to strong"),
    ]


def test_where_every_regularizer_is_at_its_end_more_data_is_left(evidence_of, make_score):
    evidence = evidence_of(augmentation=PRESETS["strong"], spec={"dropout": 0.5, "l2": 1e-3})
    finding = rules.high_variance(replace(evidence, train=make_score(1.0, 45_000)))
    assert finding.recommendations == ()
    assert len(finding.advice) == 1


# bias and variance, each within tolerance, that together miss the target


def test_where_neither_gap_is_certain_the_larger_answers_for_the_shortfall(make_evidence):
    n = {"n_train": 10**6, "n_val": 10**6}
    bias = make_evidence(0.931, 0.916, **n)
    variance = make_evidence(0.935, 0.916, **n)
    assert rules.high_bias(bias)
    assert rules.high_variance(bias) is None
    assert rules.high_variance(variance)
    assert rules.high_bias(variance) is None
    assert "this is the larger" in rules.high_variance(variance).explanation


# within_noise


def test_a_val_accuracy_that_may_reach_the_target_is_within_noise(make_evidence):
    finding = rules.within_noise(make_evidence(0.96, 0.90, n_val=100))
    assert finding.gap.value == 0.05
    assert "100 images" in finding.explanation
    assert "about 278 val images" in finding.advice[0]


def test_a_val_accuracy_at_the_target_that_may_miss_it_is_said_to(make_evidence):
    evidence = make_evidence(0.97, 0.955, n_val=200)
    assert rules.good_enough(evidence)
    assert rules.within_noise(evidence).severity == 0.0


def test_a_gap_between_train_and_val_that_may_be_nothing_is_within_noise(make_evidence):
    finding = rules.within_noise(make_evidence(0.80, 0.79))
    assert finding.gap.value == 0.01
    assert "below train's 0.800" in finding.explanation


def test_enough_val_images_are_not_within_noise(make_evidence):
    assert rules.within_noise(make_evidence(0.80, 0.79, n_val=45_000)) is None
    assert rules.within_noise(make_evidence(0.99, 0.97, n_val=45_000)) is None


def test_where_the_train_images_are_too_few_no_more_val_images_are_asked_for(make_evidence):
    evidence = make_evidence(0.84, 0.8, n_train=100, n_val=20_000)
    assert evidence.variance.is_undecided(0.02)
    assert rules.within_noise(evidence) is None


@pytest.mark.parametrize(("val", "tolerance"), [(0.93, 0.02), (0.95, 0.0)])
def test_an_accuracy_on_the_threshold_is_settled_by_no_number(make_evidence, val, tolerance):
    finding = rules.within_noise(make_evidence(0.96, val, n_val=100, tolerance=tolerance))
    assert "no number of val images" in finding.advice[0]


# good_enough


@pytest.mark.parametrize("val", [0.93, 0.95, 0.99])
def test_a_val_accuracy_within_tolerance_of_the_target_is_good_enough(make_evidence, val):
    finding = rules.good_enough(make_evidence(0.99, val))
    assert finding.severity == 0.0
    assert finding.recommendations == ()


def test_a_val_accuracy_below_that_is_not(make_evidence):
    assert rules.good_enough(make_evidence(0.99, 0.9296)) is None


def test_at_the_target_no_rule_looks_for_gaps(make_evidence):
    overfit = make_evidence(1.0, 0.94)
    assert rules.high_variance(overfit) is None
    assert any("higher target" in sentence for sentence in rules.good_enough(overfit).advice)


def test_a_lucky_val_accuracy_does_not_excuse_a_train_accuracy_surely_below(make_evidence):
    lucky = make_evidence(0.90, 0.94, n_val=200)
    assert rules.good_enough(lucky) is None
    assert rules.high_bias(lucky)


def test_a_val_accuracy_surely_at_the_target_stands_whatever_train_says(make_evidence):
    hard_to_train_on = make_evidence(0.85, 0.97, n_val=2_500)
    assert rules.good_enough(hard_to_train_on)
    assert rules.high_bias(hard_to_train_on) is None
