from dataclasses import replace
from math import nan
from types import SimpleNamespace

import numpy as np
import pytest

import imgclass
from imgclass.diagnosis import Diagnoser, Evidence, MeasuredAccuracy, diagnose
from imgclass.diagnosis.sources import evidence_of
from imgclass.errors import UsageError
from imgclass.evaluation import Evaluation

RISING = (0.50, 0.60, 0.66, 0.70, 0.73, 0.76)


class KerasHistory:
    """What is read of a `keras.callbacks.History`."""

    def __init__(self, **logs):
        self.history = logs


def keras_history(val_accuracy=RISING, **logs):
    losses = [2 - share for share in val_accuracy]
    return KerasHistory(
        accuracy=[0.9] * len(losses),
        loss=losses,
        val_accuracy=list(val_accuracy),
        val_loss=losses,
        **logs,
    )


def names(diagnosis):
    return [finding.name for finding in diagnosis.findings]


# accuracies


def test_accuracies_alone_are_diagnosed():
    diagnosis = diagnose(train=0.948, val=0.806, n_val=2500)
    assert names(diagnosis) == ["high_variance"]
    assert "0.806 (0.790 to 0.821, 2,500 images)" in diagnosis.verdict.explanation
    assert "n_train=" in diagnosis.not_judged[0]


def test_the_target_and_the_tolerance_are_what_was_asked_for():
    assert names(diagnose(train=0.948, val=0.806, target_accuracy=0.8)) == ["good_enough"]
    assert names(diagnose(train=0.948, val=0.935, tolerance=0.01)) == ["high_variance"]


def test_without_a_number_of_images_nothing_is_called_noise():
    assert names(diagnose(train=0.96, val=0.90)) == ["high_variance"]
    assert "within_noise" in names(diagnose(train=0.96, val=0.90, n_val=100))


def test_a_train_accuracy_alone_can_show_bias_and_no_more():
    assert names(diagnose(train=0.7)) == ["high_bias"]
    assert names(diagnose(train=0.97)) == ["inconclusive"]


def test_a_val_accuracy_alone_can_be_good_enough_and_no_more():
    assert names(diagnose(val=0.96, n_val=10_000)) == ["good_enough"]
    verdict = diagnose(val=0.8, n_val=10_000).verdict
    assert verdict.name == "inconclusive"
    assert "0.150 below the target" in verdict.explanation
    assert "train=" in verdict.advice[0]


@pytest.mark.parametrize("share", [80.6, -0.1, nan, "0.8", True])
def test_an_accuracy_that_is_no_share_is_refused(share):
    with pytest.raises(UsageError, match="It is a share"):
        diagnose(val=share)


@pytest.mark.parametrize("n", [0, -3, 2.5, "many", True])
def test_a_number_of_images_that_is_none_is_refused(n):
    with pytest.raises(UsageError, match="number of images"):
        diagnose(val=0.8, n_val=n)


def test_nothing_is_refused_with_an_example():
    with pytest.raises(UsageError, match=r"For example: imgclass\.diagnose\("):
        diagnose()


def test_a_number_of_images_without_an_accuracy_is_refused():
    with pytest.raises(UsageError, match="n_train=5 beside train="):
        diagnose(val=0.8, n_train=5)


# a history of Keras


def test_a_history_of_keras_breaks_no_rule_and_says_what_it_lacks():
    diagnosis = Diagnoser().diagnose(keras_history((0.7, 0.8, 0.806)))
    assert names(diagnosis) == ["inconclusive"]
    text = str(diagnosis)
    assert "running average" in text
    assert "no interval" in text
    assert "None" not in text


def test_its_train_accuracy_is_mentioned_and_never_judged_by():
    logs = {"loss": [0.1], "accuracy": [0.948], "val_loss": [0.6], "val_accuracy": [0.806]}
    verdict = diagnose(logs).verdict
    assert verdict.gap is None
    assert verdict.advice[-1].endswith("0.948 that fit printed, the larger part is variance.")
    assert evidence_of(logs).train is None


def test_a_clean_train_accuracy_completes_it():
    diagnosis = diagnose(
        keras_history((0.8, 0.806, 0.806)), train=0.948, n_train=45_000, n_val=2500
    )
    assert diagnosis.verdict.name == "high_variance"
    assert [s.partition(":")[0] for s in diagnosis.not_judged] == [
        "Single classes",
        "Which setting to change to what",
    ]


def test_a_loss_that_is_not_finite_is_found_in_it():
    logs = {"loss": [1.0, nan], "accuracy": [0.1, 0.1], "val_loss": [1.0, nan]}
    assert names(diagnose(logs | {"val_accuracy": [0.1, 0.1]})) == ["optimisation_failure"]


def test_a_rise_at_its_end_is_found_in_it():
    diagnosis = diagnose(keras_history(), n_val=2500)
    assert diagnosis.verdict.name == "still_improving"
    assert "The learning rates are not known" in diagnosis.verdict.explanation


def test_its_learning_rates_are_read():
    constant = diagnose(keras_history(learning_rate=[np.float32(1e-3)] * 6), n_val=2500)
    assert "cut off" in constant.verdict.explanation
    annealed = diagnose(keras_history(lr=[1e-3, 8e-4, 6e-4, 4e-4, 2e-4, 0.0]), n_val=2500)
    assert "still_improving" not in names(annealed)


def test_without_a_number_of_images_a_rise_of_the_accuracy_may_be_chance():
    flat = {"loss": [1.0] * 6, "val_loss": [1.0] * 6, "val_accuracy": list(RISING)}
    assert names(diagnose(flat, n_val=2500)) == ["still_improving"]
    assert names(diagnose(flat)) == ["inconclusive"]


@pytest.mark.parametrize("name", ["acc", "sparse_categorical_accuracy", "top_1_accuracy"])
def test_an_accuracy_by_another_name_is_found(name):
    logs = {"loss": [1.0], name: [0.7], "val_loss": [1.0], f"val_{name}": [0.6]}
    assert evidence_of(logs).val == MeasuredAccuracy(0.6, loss=1.0)


@pytest.mark.parametrize(
    "logs",
    [
        {"loss": [1.0, 0.9, 0.8, 0.7], "val_loss": [1.0, 0.8], "val_accuracy": [0.5, 0.6]},
        {"accuracy": [0.5, 0.7], "val_accuracy": [0.5, 0.6]},
        {"loss": [1.0, 0.9], "val_accuracy": [0.5, 0.6]},
    ],
)
def test_of_a_history_that_lacks_epochs_or_losses_the_last_accuracy_is_read(logs):
    evidence = evidence_of(logs)
    assert (evidence.val, evidence.history.epochs) == (MeasuredAccuracy(0.6), ())


def test_a_history_without_validation_is_diagnosed_as_far_as_it_goes():
    assert names(diagnose({"loss": [1.0, 0.5], "accuracy": [0.5, 0.8]})) == ["inconclusive"]


@pytest.mark.parametrize("logs", [{}, {"lr": []}, {"mae": [0.1]}, {"loss": ["low"]}, {"loss": 3}])
def test_a_dictionary_that_is_no_history_is_refused(logs):
    with pytest.raises(UsageError, match="history"):
        diagnose(logs)


@pytest.mark.keras
def test_a_real_history_of_keras_is_read():
    import keras

    history = keras.callbacks.History()
    history.set_model(SimpleNamespace())
    history.on_train_begin()
    history.on_epoch_end(0, {"loss": 1.0, "accuracy": 0.5, "val_loss": 1.1, "val_accuracy": 0.4})
    assert diagnose(history).verdict.name == "inconclusive"


# values of imgclass


def test_a_history_of_ours_is_read_at_the_epoch_whose_weights_were_kept(make_history):
    history = replace(make_history((0.5, 0.7, 0.6)), best_epoch=1)
    assert evidence_of(history).val == MeasuredAccuracy(0.7, loss=1.3)


def test_an_evaluation_is_read_without_its_test_split(make_evidence):
    known = make_evidence(0.95, 0.80)
    evaluation = Evaluation(known.train, known.val, known.train, predictions=None)
    assert evidence_of(evaluation) == Evidence(train=known.train, val=known.val)
    diagnosis = imgclass.diagnose(evaluation)
    assert diagnosis.verdict.name == "high_variance"
    assert "45,000 training images" in diagnosis.verdict.advice[-1]
    assert diagnosis.recommendation is None


def test_a_run_is_read_whole(small_run):
    assert evidence_of(small_run) == small_run.evidence
    assert diagnose(small_run) == small_run.diagnosis
    assert small_run.diagnosis.not_judged == ()


def test_a_run_that_was_not_scored_is_read_from_its_history(small_run):
    early = replace(small_run, kept_evaluation=None, kept_diagnosis=None)
    assert evidence_of(early).val == MeasuredAccuracy(0.8, n=400, loss=0.6)
    assert diagnose(early).verdict.name == "inconclusive"


@pytest.mark.parametrize("source", [3, "runs/cnn-1", [0.8]])
def test_anything_else_is_refused_with_what_fits(source):
    with pytest.raises(UsageError, match=r"imgclass\.Run\.load"):
        diagnose(source)


# rules that lack something


@pytest.mark.parametrize(
    "rule",
    [
        lambda evidence: evidence.experiment.spec,
        lambda evidence: evidence.train.confusion,
        lambda evidence: evidence.val.n > 3,
    ],
)
def test_a_rule_of_somebody_else_that_needs_more_is_named_and_not_called_broken(rule):
    diagnosis = Diagnoser(rules={"theirs": rule}).diagnose({"val_accuracy": [0.8]})
    assert names(diagnosis) == ["inconclusive"]
    assert "'theirs'" in diagnosis.not_judged[-1]


# showing a diagnosis


def test_a_diagnosis_is_one_line_in_a_list_and_a_page_in_print():
    diagnosis = diagnose(train=0.948, val=0.806)
    assert repr(diagnosis) == "<Diagnosis: high_variance>"
    assert str(diagnosis).startswith("High variance\nThe val accuracy is 0.806, 0.142 below")
    assert "\nNot judged\n- " in str(diagnosis)


def test_a_diagnosis_names_the_next_step(make_evidence):
    assert repr(Diagnoser().diagnose(make_evidence(0.95, 0.8))) == (
        "<Diagnosis: high_variance; next: augmentation light to medium>"
    )


def test_whatever_a_rule_says_is_escaped_and_cut_in_a_notebook():
    loud = imgclass.Finding("<b>" * 100, 0.1, "<script>" * 1000, ("<i>",), None)
    page = Diagnoser(rules={"loud": lambda _: loud}).diagnose({"val_accuracy": [0.8]})
    assert "<script>" not in page._repr_html_()
    assert "<b>" not in page._repr_html_()
    assert len(page._repr_html_()) < 10_000
    assert len(repr(page)) < 200
