from dataclasses import replace

import pytest

from imgclass.diagnosis import Diagnoser, rules
from imgclass.evaluation import Score

NAMES = ("a", "b", "c")


def with_val(evidence, *confusion):
    train = Score(NAMES, ((990, 5, 5), (5, 990, 5), (5, 5, 990)), 0.1)
    return replace(evidence, train=train, val=Score(NAMES, confusion, 0.1))


# within_noise


def test_the_number_of_further_val_images_is_said(make_evidence):
    finding = rules.within_noise(make_evidence(0.96, 0.90, n_val=100))
    assert "about 278 val images, 178 more than now: imgclass organize" in finding.advice[0]


def test_where_train_would_lack_them_they_come_from_cross_validation(make_evidence):
    finding = rules.within_noise(make_evidence(0.96, 0.90, n_train=300, n_val=100))
    assert "imgclass label-errors with --folds 4 scores every image" in finding.advice[0]


def test_where_there_are_not_so_many_they_have_to_be_gathered(make_evidence):
    finding = rules.within_noise(make_evidence(0.96, 0.90, n_train=120, n_val=100))
    assert "gather them, since there are 220 images" in finding.advice[0]


# few_val_images


def test_few_val_images_are_told_how_many_would_do(make_evidence):
    finding = rules.few_val_images(make_evidence(0.7, 0.3, n_train=2_000, n_val=30))
    assert "about 360 val images, 330 more than now" in finding.advice[0]
    assert "5 points either way" in finding.advice[0]


def test_val_images_of_one_class_alone_are_never_good_enough(make_evidence):
    evidence = with_val(make_evidence(0.99, 0.99), (200, 0, 0), (0, 0, 0), (0, 0, 0))
    finding = rules.few_val_images(evidence)
    assert "All 200 val images are of the class a" in finding.explanation
    assert [f.name for f in Diagnoser().diagnose(evidence).findings] == ["few_val_images"]


def test_a_low_accuracy_on_one_class_is_not_called_no_signal(make_evidence):
    evidence = with_val(make_evidence(0.99, 0.5), (100, 100, 0), (0, 0, 0), (0, 0, 0))
    names = [f.name for f in Diagnoser().diagnose(evidence).findings]
    assert "few_val_images" in names
    assert "no_signal" not in names


def test_classes_without_a_val_image_are_named(make_evidence):
    evidence = with_val(make_evidence(0.99, 0.99), (200, 0, 0), (0, 200, 0), (0, 0, 0))
    assert "1 class has no val image: c." in rules.few_val_images(evidence).explanation
    assert rules.good_enough(evidence)


@pytest.mark.parametrize("n_val", [400, 4_000])
def test_enough_val_images_of_every_class_are_not_few(make_evidence, n_val):
    assert rules.few_val_images(make_evidence(0.7, 0.6, n_val=n_val)) is None
