import pytest

from imgclass.diagnosis import Evidence
from imgclass.diagnosis.imbalance import balanced_accuracy, majority_gap
from imgclass.evaluation import Score
from imgclass.statistics import wilson_interval


def val_of(*confusion, target=0.95):
    names = tuple("abcdef"[: len(confusion)])
    return Evidence(val=Score(names, confusion, 0.3), target_accuracy=target)


def test_the_balanced_accuracy_is_the_mean_recall_of_the_classes_that_have_images():
    share, _ = balanced_accuracy(Score(("a", "b", "c"), ((90, 10, 0), (5, 5, 0), (0, 0, 0)), 0.3))
    assert share == pytest.approx((0.9 + 0.5) / 2)


def test_the_interval_of_one_class_is_its_own():
    _, interval = balanced_accuracy(Score(("a", "b"), ((90, 10), (0, 0)), 0.3))
    assert interval == pytest.approx(wilson_interval(90, 100))


def test_a_network_that_always_names_the_largest_class_is_seen():
    gap = majority_gap(val_of((900, 0), (100, 0)))
    assert gap.value == pytest.approx(0.45)


def test_a_target_that_the_largest_class_reaches_alone_is_read_against_the_balanced_accuracy():
    assert majority_gap(val_of((960, 0), (30, 10)))
    assert majority_gap(val_of((960, 0), (2, 38))) is None
    assert majority_gap(val_of((500, 100), (100, 300))) is None


def test_classes_of_one_size_are_no_baseline_that_matters():
    assert majority_gap(val_of((450, 50), (50, 450))) is None


def test_too_few_images_to_tell_are_not_called_a_baseline():
    assert majority_gap(val_of((14, 1), (5, 3))) is None


def test_a_val_of_one_class_has_no_other_to_balance_with():
    assert majority_gap(val_of((90, 10), (0, 0))) is None
