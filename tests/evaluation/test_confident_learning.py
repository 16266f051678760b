import numpy as np
import pytest

from imgclass.evaluation import MOST_PREFERENCE, confident_disagreements, label_preference


def judged(n, *, wrong, classes=4, seed=0):
    """Give probabilities of a good model, and labels of which a share is wrong."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, n)
    is_wrong = rng.random(n) < wrong
    labels = np.where(is_wrong, (truth + rng.integers(1, classes, n)) % classes, truth)
    logits = rng.normal(0, 1, (n, classes)) + 5 * np.eye(classes)[truth]
    powers = np.exp(logits)
    return powers / powers.sum(axis=1, keepdims=True), labels, truth


def test_labels_that_were_changed_are_found_with_what_they_were():
    probabilities, labels, truth = judged(2_000, wrong=0.05)
    rows, suggested = confident_disagreements(probabilities, labels)
    found = labels[rows] != truth[rows]
    assert found.sum() > 0.8 * (labels != truth).sum()
    assert found.mean() > 0.95
    assert (suggested[found] == truth[rows][found]).all()


def test_the_surest_come_first():
    probabilities, labels, _ = judged(500, wrong=0.1)
    rows, _ = confident_disagreements(probabilities, labels)
    of_label = probabilities[rows, labels[rows]]
    assert (np.diff(of_label) >= 0).all()


def test_a_doubt_that_is_no_surer_than_usual_is_passed_over():
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.6, 0.4]])
    rows, _ = confident_disagreements(probabilities, np.array([0, 0, 1, 1]))
    assert rows.tolist() == []


def test_a_class_is_judged_by_how_sure_the_model_usually_is_of_it():
    probabilities = np.array([[0.6, 0.4]] * 4 + [[0.3, 0.7]] * 4)
    rows, suggested = confident_disagreements(probabilities, np.array([0] * 4 + [1] * 3 + [0]))
    assert (rows.tolist(), suggested.tolist()) == ([7], [1])


@pytest.mark.parametrize("labels", [[0, 0, 1, 1], [1, 1, 1, 1]])
def test_a_class_without_images_is_never_suggested(labels):
    probabilities = np.array([[0.8, 0.1, 0.1]] * 2 + [[0.1, 0.8, 0.1]] * 2)
    probabilities[0] = [0.0, 0.0, 1.0]
    _, suggested = confident_disagreements(probabilities, np.array(labels))
    assert 2 not in suggested


def preference_of(logits, labels):
    """Give the preference of a model with such logits for the labels that it contradicts."""
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    rows, others = confident_disagreements(probabilities, labels)
    return label_preference(
        probabilities[rows, others], probabilities[rows, labels[rows]], classes=logits.shape[1]
    )


def test_wrong_labels_are_not_preferred_and_the_mistakes_of_a_weak_model_are():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 6, 3_000)
    noise = rng.normal(0, 1, (3_000, 6))
    changed = np.where(rng.random(3_000) < 0.2, rng.integers(0, 6, 3_000), truth)
    assert preference_of(noise + 6 * np.eye(6)[truth], changed) < MOST_PREFERENCE
    assert preference_of(noise + 2 * np.eye(6)[truth], truth) > MOST_PREFERENCE
