"""Cases whose cause is known: from textbooks, from public issues, and from users' runs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from imgclass.data.manifest import Manifest, Sample
from imgclass.diagnosis import Diagnoser, MeasuredAccuracy, diagnose
from imgclass.evaluation import ConstantImages, MirrorImages, Score
from imgclass.flows import PRESETS, Augmentation


def verdicts(evidence, **known):
    source = diagnose(evidence, **known) if known else Diagnoser().diagnose(evidence)
    return [finding.name for finding in source.findings]


def first_changes(evidence):
    return Diagnoser().diagnose(evidence).recommendation.changes


@pytest.fixture
def learned(make_evidence):
    """Give evidence of a run that learned its training images and misses the target on val."""
    return make_evidence(0.99, 0.80)


# Ng, Machine Learning Yearning (2018), chapters 21, 22 and 41: train, train-dev and val errors


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ((0.01, 0.05, 0.05), {"high_variance"}),
        ((0.10, 0.11, 0.12), {"high_bias"}),
        ((0.10, 0.11, 0.20), {"high_bias", "mismatch"}),
    ],
)
def test_the_textbook_cases_are_told_apart(errors, expected):
    train, train_dev, val = (1 - error for error in errors)
    diagnosis = diagnose(train=train, train_dev=train_dev, val=val, target_accuracy=0.99)
    assert {finding.name for finding in diagnosis.findings} == expected


# public issues


def test_keras_10014_is_a_mode_defect():
    diagnosis = diagnose(history_train=1.0, train=0.449, val=0.692)
    assert [finding.name for finding in diagnosis.findings] == ["mode_defect"]


def test_keras_4465_is_an_optimisation_failure_and_never_deeper():
    accuracies = [0.62, 0.78, 0.87, 0.10, 0.10]
    logs = {
        "loss": [1.1, 0.6, 0.4, 2.31, 2.31],
        "accuracy": accuracies,
        "val_loss": [1.0, 0.7, 0.5, 2.31, 2.31],
        "val_accuracy": accuracies,
    }
    diagnosis = diagnose(logs)
    assert [finding.name for finding in diagnosis.findings] == ["optimisation_failure"]
    assert "0.870 in epoch 3 to 0.100" in diagnosis.verdict.explanation
    assert not any("deeper" in sentence for sentence in diagnosis.verdict.advice)


def test_keras_1761_is_no_variance():
    assert "high_variance" not in verdicts(None, train=0.575, val=0.643)
    assert "high_variance" not in verdicts(None, history_train=0.575, val=0.643)


# rows A of the cases that users brought


def test_one_epoch_is_answered_with_more_before_anything_else(make_evidence, make_history):
    history = make_history((0.55,))
    evidence = make_evidence(0.56, 0.554, history=history, n_train=20_000)
    short = replace(
        evidence,
        experiment=replace(
            evidence.experiment, training=replace(evidence.experiment.training, epochs=1)
        ),
    )
    assert verdicts(short)[0] == "still_improving"
    assert first_changes(short) == ("epochs 1 to 18",)


def test_three_epochs_are_too_few_though_they_come_near_the_target(make_evidence, make_history):
    evidence = make_evidence(
        0.94, 0.926, history=make_history((0.7, 0.9, 0.926)), n_train=1_000, n_val=350
    )
    short = replace(
        evidence,
        experiment=replace(
            evidence.experiment, training=replace(evidence.experiment.training, epochs=3)
        ),
    )
    assert verdicts(short) == ["still_improving", "within_noise"]
    assert "the train accuracy" not in Diagnoser().diagnose(short).verdict.explanation
    assert first_changes(short) == ("epochs 3 to 30",)


def test_guessing_after_one_epoch_is_no_failure_of_the_labels_or_the_training(
    make_evidence, make_history
):
    guessed = make_evidence(0.11, 0.10, history=make_history((0.10,)), train_loss=2.30)
    short = replace(
        guessed,
        experiment=replace(
            guessed.experiment, training=replace(guessed.experiment.training, epochs=1)
        ),
        small_sample=MeasuredAccuracy(0.98, n=200),
    )
    assert verdicts(short)[0] == "still_improving"


def test_a_network_with_fewer_filters_than_classes_gets_the_usual_size_before_epochs(
    evidence_of, make_history
):
    tiny = evidence_of(spec={"depth": 1, "width": 2}, training={"epochs": 4})
    trained = replace(tiny, history=make_history((0.7,) * 4))
    assert verdicts(trained)[0] == "high_bias"
    assert first_changes(trained) == ("depth 1 to 3", "width 2 to 32")
    begun = replace(
        tiny,
        experiment=replace(tiny.experiment, training=replace(tiny.experiment.training, epochs=3)),
        history=make_history((0.7,) * 3),
    )
    assert verdicts(begun)[0] == "still_improving"


def test_a_network_of_usual_size_is_not_narrow_for_many_classes(evidence_of, make_history):
    few = replace(
        evidence_of(spec={"width": 32}, training={"epochs": 4}), history=make_history((0.7,) * 4)
    )
    names = tuple(map(str, range(100)))
    confusion = tuple(
        tuple(7 if i == j else 3 * (j == (i + 1) % 100) for j in range(100)) for i in range(100)
    )
    score = Score(names, confusion, 1.0)
    assert verdicts(replace(few, train=score, val=score))[0] == "still_improving"


@pytest.mark.parametrize(
    ("settings", "change"),
    [
        ({"spec": {"dropout": 0.9}}, "dropout 0.9 to 0.2"),
        ({"spec": {"l2": 0.3}}, "l2 0.3 to 0.0001"),
        ({"training": {"label_smoothing": 0.8}}, "label_smoothing 0.8 to 0.1"),
    ],
)
def test_too_much_of_a_regularizer_goes_back_to_usual_in_one_step(evidence_of, settings, change):
    evidence = evidence_of(**settings)
    assert verdicts(evidence) == ["over_regularised"]
    assert first_changes(evidence) == (change,)


def test_images_that_are_turned_all_the_way_are_too_much_augmentation(evidence_of):
    evidence = evidence_of(augmentation=Augmentation(rotation_range=180, zoom_range=0.9))
    assert verdicts(evidence) == ["over_regularised"]
    recommended = Diagnoser().diagnose(evidence).recommendation.experiment
    assert recommended.augmentation == PRESETS["light"]


def test_a_penalty_that_keeps_the_loss_at_guessing_is_no_mystery(evidence_of):
    evidence = evidence_of(spec={"l2": 0.3})
    failed = replace(evidence, train=replace(evidence.train, loss=2.30))
    assert verdicts(failed) == ["over_regularised"]


@pytest.mark.parametrize(("optimizer", "rate"), [("adam", 1e-6), ("adam", 0.5), ("sgd", 1e-4)])
def test_a_rate_far_from_usual_is_measured_in_one_step(evidence_of, optimizer, rate):
    evidence = evidence_of(training={"learning_rate": rate, "optimizer": optimizer})
    assert verdicts(evidence) == ["optimisation_failure"]
    assert first_changes(evidence) == (f"learning_rate {rate:g} to not set", "find_rate to True")


def test_a_rare_class_that_starves_is_weighed_and_is_not_good_enough(learned):
    evidence = replace(
        learned,
        train=Score(("often", "rare"), ((950, 0), (40, 10)), 0.1),
        val=Score(("often", "rare"), ((114, 0), (5, 1)), 0.2),
    )
    diagnosis = Diagnoser().diagnose(evidence)
    assert diagnosis.verdict.name == "starved_classes"
    assert "rare (1 of 6)" in diagnosis.verdict.explanation
    assert diagnosis.recommendation.changes == (
        "epochs 10 to 30",
        "class_weights to balanced",
    )


def test_after_enough_epochs_a_rare_class_is_weighed_alone(learned):
    evidence = replace(
        learned,
        experiment=replace(
            learned.experiment, training=replace(learned.experiment.training, epochs=30)
        ),
        train=Score(("often", "rare"), ((950, 0), (40, 10)), 0.1),
        val=Score(("often", "rare"), ((114, 0), (5, 1)), 0.2),
    )
    assert first_changes(evidence) == ("class_weights to balanced",)


def test_after_few_epochs_variance_is_met_by_augmentation_and_the_usual_epochs(make_evidence):
    short = make_evidence(0.99, 0.75, n_train=800, n_val=300)
    assert verdicts(short)[0] == "high_variance"
    assert first_changes(short) == ("epochs 10 to 30", "augmentation light to medium")


@pytest.mark.parametrize(
    ("mirrored", "change"),
    [(270, "augmentation none to light"), (90, "augmentation none to light without mirroring")],
)
def test_images_are_mirrored_only_if_they_are_still_recognised(make_evidence, mirrored, change):
    evidence = make_evidence(0.99, 0.90, n_val=2_500)
    plain = replace(
        evidence,
        experiment=replace(evidence.experiment, augmentation=PRESETS["none"]),
        mirror_images=MirrorImages(300, correct=270, mirrored=mirrored),
    )
    offered = [each.changes for each in Diagnoser().diagnose(plain).verdict.recommendations]
    assert (change,) in offered


def test_of_a_handful_of_training_images_nobody_can_say_that_there_is_no_signal(make_evidence):
    guessed = Score(tuple("abcdefghij"), ((3,) * 10,) * 10, 2.3)
    few, more = (make_evidence(0.99, 0.10, n_train=n, n_val=300) for n in (190, 210))
    assert "no_signal" not in verdicts(replace(few, val=guessed))
    assert verdicts(replace(more, val=guessed)) == ["no_signal"]


def test_a_rare_class_that_is_found_is_good_enough(learned):
    evidence = replace(
        learned,
        train=Score(("often", "rare"), ((950, 0), (5, 45)), 0.1),
        val=Score(("often", "rare"), ((114, 0), (1, 5)), 0.2),
    )
    assert verdicts(evidence) == ["good_enough"]


# the data


def moved(score, by):
    """Give a score whose predictions are numbered by another order of the classes."""
    rows = (tuple(row[(i - by) % len(row)] for i in range(len(row))) for row in score.confusion)
    return replace(score, confusion=tuple(rows))


def test_classes_in_another_order_are_seen_in_the_confusion(make_evidence):
    evidence = make_evidence(0.97, 0.93, n_val=1_000)
    reordered = replace(evidence, val=moved(evidence.val, 1))
    assert verdicts(reordered) == ["class_order"]
    assert "in another order it is 0.930" in str(Diagnoser().diagnose(reordered))


def test_guesses_fit_no_order(make_evidence):
    evidence = make_evidence(0.97, 0.93)
    confusion = np.random.default_rng(0).multinomial(50, [0.1] * 10, 10)
    guesses = replace(evidence.val, confusion=tuple(map(tuple, confusion.tolist())))
    assert verdicts(replace(evidence, val=guesses)) == ["no_signal"]


def test_guesses_on_val_are_no_signal_even_if_more_epochs_are_usual(make_evidence, make_history):
    evidence = make_evidence(0.5, 0.1, n_train=1_000, history=make_history((0.1,) * 10))
    confusion = np.random.default_rng(0).multinomial(50, [0.1] * 10, 10)
    guesses = replace(evidence.val, confusion=tuple(map(tuple, confusion.tolist())))
    assert verdicts(replace(evidence, val=guesses)) == ["no_signal"]


def test_labels_of_which_nothing_could_be_learned_are_told_from_a_failed_training(make_evidence):
    failed = make_evidence(0.11, 0.10, train_loss=2.30)
    assert verdicts(failed) == ["optimisation_failure"]
    learns = replace(failed, small_sample=MeasuredAccuracy(0.98, n=200))
    assert verdicts(learns) == ["no_signal"]
    fails = replace(failed, small_sample=MeasuredAccuracy(0.3, n=200))
    assert verdicts(fails) == ["optimisation_failure"]
    assert "gets 30% of them right" in Diagnoser().diagnose(fails).verdict.explanation


def test_copies_of_train_among_val_are_a_leak(learned):
    def sample(number, split, sha):
        return Sample(f"{split}/a/{number}.png", "a", split, sha, 8, 8, f"{number}.png")

    train = [sample(i, "train", f"{i:064d}") for i in range(100)]
    val = [sample(i, "val", f"{i:064d}") for i in range(95, 115)]
    leaking = replace(learned, manifest=Manifest(("a",), (*train, *val)))
    finding = next(f for f in Diagnoser().diagnose(leaking).findings if f.name == "leak")
    assert finding.severity == 0.25
    assert "5 val images of 20 (25.0%)" in finding.explanation
    apart = replace(learned, manifest=Manifest(("a",), (*train, *val[5:])))
    assert "leak" not in verdicts(apart)
    plain = {
        "train": ConstantImages(100, {"a": (20, 100)}),
        "val": ConstantImages(20, {"a": (5, 20)}),
    }
    blank = verdicts(replace(leaking, constant=plain))
    assert "constant_images" in blank
    assert "leak" not in blank, "images of one colour are equal without being copies"


def test_val_that_was_chosen_by_is_seen_on_test():
    assert "val_overfit" in verdicts(None, train=0.99, val=0.97, test=0.90)
    assert "val_overfit" not in verdicts(None, train=0.99, val=0.97, test=0.96)


# classes and labels


def test_two_classes_that_make_most_mistakes_are_named(learned):
    confusion = np.diag([95] * 10)
    confusion[3, 5] = confusion[5, 3] = 40
    evidence = replace(
        learned, val=replace(learned.val, confusion=tuple(map(tuple, confusion.tolist())))
    )
    text = str(Diagnoser().diagnose(evidence))
    assert "80 of 80 mistakes on val (100%) are between d and f" in text
    assert "confused_classes" not in verdicts(learned)


def predictions(rng, *, wrong, sure=0.9, split="train", n=1_000, classes=10):
    """Give predictions of which a share of the labels is wrong, evenly over the classes."""
    truth = np.arange(n) % classes
    label = np.where(rng.random(n) < wrong, (truth + rng.integers(1, classes, n)) % classes, truth)
    is_right = label == truth
    return pd.DataFrame(
        {
            "path": [f"{split}/{i}.png" for i in range(n)],
            "split": split,
            "label": label.astype(str),
            "predicted": truth.astype(str),
            "probability": sure,
            "label_probability": np.where(is_right, sure, 0.01),
        }
    )


def test_wrong_labels_are_listed_with_their_files(learned):
    table = predictions(np.random.default_rng(0), wrong=0.1)
    diagnosis = Diagnoser().diagnose(replace(learned, predictions=table))
    finding = next(f for f in diagnosis.findings if f.name == "label_errors")
    assert finding.severity == pytest.approx(0.1, abs=0.02)
    assert "train/" in finding.explanation
    # What a network that learned too little leaves of its prediction, it gives to the label.
    second = np.where(table["label"] == table["predicted"], 0.9, 0.06)
    assert "label_errors" not in verdicts(
        replace(learned, predictions=table.assign(label_probability=second))
    )
    unsure = predictions(np.random.default_rng(0), wrong=0.1, sure=0.45)
    assert "label_errors" not in verdicts(replace(learned, predictions=unsure))
    right = predictions(np.random.default_rng(0), wrong=0.005)
    assert "label_errors" not in verdicts(replace(learned, predictions=right))


def test_mistakes_between_two_classes_are_no_wrong_labels(learned):
    table = predictions(np.random.default_rng(0), wrong=0.0)
    cats = table.index[table["label"] == "3"]
    table.loc[cats, ["predicted", "label_probability"]] = ["5", 0.01]
    assert "label_errors" not in verdicts(replace(learned, predictions=table))


@pytest.mark.parametrize(("sure", "is_ill"), [(0.99, True), (0.82, False), (0.5, False)])
def test_probabilities_far_above_the_accuracy_are_said(learned, sure, is_ill):
    table = predictions(np.random.default_rng(0), wrong=0.2, sure=sure, split="val")
    assert ("miscalibrated" in verdicts(replace(learned, predictions=table))) == is_ill
