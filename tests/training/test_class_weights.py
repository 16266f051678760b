import json

import numpy as np
import pytest

from imgclass.errors import UsageError
from imgclass.serialization import from_plain, to_plain
from imgclass.settings import options_of
from imgclass.training.class_weights import (
    ClassWeights,
    require_known_classes,
    weights_in_order,
)
from imgclass.training.config import TrainingConfig

OPTION = options_of(TrainingConfig)["class_weights"]


@pytest.mark.parametrize(
    "weights",
    [
        {},
        {"cat": 0},
        {"cat": -1.0},
        {"cat": "2"},
        {"cat": float("inf")},
        {"": 1.0},
        {3: 1.0},
        "balancd",
        [("cat", 2.0)],
        2.0,
    ],
)
def test_other_weights_than_numbers_above_zero_by_name_are_refused(weights):
    with pytest.raises(UsageError, match="Expected class_weights to be 'balanced', or weights"):
        TrainingConfig(class_weights=weights)


def test_a_misspelt_balanced_is_told_so():
    with pytest.raises(UsageError, match="Did you mean 'balanced'"):
        TrainingConfig(class_weights="balancd")


def test_recipes_with_the_same_weights_are_the_same_value():
    first = TrainingConfig(class_weights={"dog": 1, "cat": np.float32(2.5)})
    second = TrainingConfig(class_weights={"cat": 2.5, "dog": 1.0})
    assert first == second
    assert hash(first) == hash(second)
    assert first != TrainingConfig(class_weights={"cat": 2.5})
    assert dict(first.class_weights) == {"cat": 2.5, "dog": 1.0}


@pytest.mark.parametrize("weights", [None, "balanced", {"cat": 2.0, "a=b, c": 0.1}])
def test_weights_are_kept_in_a_file_and_read_back(weights):
    config = TrainingConfig(class_weights=weights)
    assert from_plain(TrainingConfig, json.loads(json.dumps(to_plain(config)))) == config


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("balanced", "balanced"),
        ("cat=2,dog=0.1", {"cat": 2.0, "dog": 0.1}),
        ("a=b=3", {"a=b": 3.0}),
    ],
)
def test_an_option_gives_weights_and_weights_their_option(text, weights):
    config = TrainingConfig(class_weights=OPTION.read(text))
    assert config.class_weights == weights
    assert OPTION.words(config.class_weights) == ("--class-weights", text)


def test_names_with_a_comma_have_no_option():
    assert OPTION.words(ClassWeights.of({"cats, dogs": 2.0})) is None


@pytest.mark.parametrize("text", ["cat=", "cat=2,dog", "cat=2,cat=3", "cat=much"])
def test_an_option_that_names_no_weight_is_refused(text):
    with pytest.raises(UsageError, match="Expected --class-weights to be 'balanced', or weights"):
        TrainingConfig(class_weights=OPTION.read(text))


def test_balanced_weights_make_all_classes_count_the_same_and_an_image_one_on_average():
    labels = np.repeat([0, 1, 2], [60, 30, 10])
    weights = np.array(weights_in_order("balanced", ("a", "b", "c"), labels))
    totals = weights * [60, 30, 10]
    assert totals == pytest.approx([100 / 3] * 3)
    assert weights[labels].mean() == pytest.approx(1)


def test_balanced_weights_of_a_class_without_images_are_finite():
    assert np.isfinite(weights_in_order("balanced", ("a", "b"), np.zeros(3, int))).all()


def test_no_weights_are_none():
    assert weights_in_order(None, ("a", "b"), np.array([0, 1])) is None


def test_known_classes_and_balanced_weights_are_accepted():
    for weights in (None, "balanced", {"a": 1.0}):
        require_known_classes(weights, ("a", "b"))
