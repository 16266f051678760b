from dataclasses import replace

import pytest

from imgclass.diagnosis import Diagnoser, rules
from imgclass.evaluation import ConstantImages


def looked(evidence, **splits):
    return replace(evidence, constant=splits)


def test_images_of_one_colour_are_counted_and_cost_what_they_hide(make_evidence):
    train = ConstantImages(2_000, {"a": (150, 1_000), "b": (90, 1_000)})
    val = ConstantImages(200, {"a": (12, 100), "b": (8, 100)})
    finding = rules.constant_images(looked(make_evidence(0.8, 0.7), train=train, val=val))
    assert finding.severity == pytest.approx(90 / 2_000)
    assert "240 train images of 2,000 (12.0%) and 20 val images of 200" in finding.explanation


def test_a_few_images_of_one_colour_are_passed_over(make_evidence):
    few = ConstantImages(2_000, {"a": (4, 1_000)})
    assert rules.constant_images(looked(make_evidence(0.8, 0.7), train=few)) is None
    none = ConstantImages(2_000, {})
    assert rules.constant_images(looked(make_evidence(0.8, 0.7), train=none, val=none)) is None
    assert rules.constant_images(make_evidence(0.8, 0.7)) is None


def test_a_class_that_consists_of_such_images_is_named(make_evidence):
    whole = ConstantImages(2_000, {"c": (4, 4)})
    finding = rules.constant_images(looked(make_evidence(0.8, 0.7), train=whole))
    assert "All images of c are of one colour." in finding.explanation
    assert finding.severity == 0


def test_images_of_one_colour_on_test_are_not_looked_at(make_evidence):
    plain = ConstantImages(200, {"a": (100, 100)})
    assert rules.constant_images(looked(make_evidence(0.8, 0.7), test=plain)) is None


def test_where_most_images_are_of_one_colour_that_comes_before_a_failed_training(make_evidence):
    failed = make_evidence(0.1, 0.1, train_loss=2.3)
    black = ConstantImages(1_000, dict.fromkeys("abcdefghij", (100, 100)))
    names = [f.name for f in Diagnoser().diagnose(looked(failed, train=black, val=black)).findings]
    assert names == ["constant_images", "optimisation_failure"]


def test_colours_that_tell_the_classes_cost_nothing(make_evidence):
    plain = ConstantImages(1_000, {"a": (500, 500), "b": (500, 500)})
    perfect = looked(make_evidence(1.0, 1.0), train=plain)
    assert rules.constant_images(perfect).severity == 0


def test_what_images_of_one_colour_hide_is_not_sought_in_the_network(make_evidence):
    short = make_evidence(0.7, 0.7, n_train=1_000)
    assert Diagnoser().diagnose(short).recommendation
    black = ConstantImages(1_000, dict.fromkeys("abcdefghij", (33, 100)))
    diagnosis = Diagnoser().diagnose(looked(short, train=black))
    assert diagnosis.verdict.name == "constant_images"
    assert diagnosis.recommendation is None
    few = ConstantImages(1_000, {"a": (8, 100), "b": (8, 100)})
    assert Diagnoser().diagnose(looked(short, train=few)).recommendation
