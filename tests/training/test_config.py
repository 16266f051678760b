import pytest

from imgclass.errors import UsageError
from imgclass.training.config import TrainingConfig


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 0),
        ("batch_size", 0),
        ("learning_rate", 0.0),
        ("learning_rate", -1e-3),
        ("weight_decay", -1e-4),
        ("label_smoothing", 1.0),
        ("label_smoothing", -0.1),
        ("patience", 0),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(field, value):
    with pytest.raises(UsageError, match=f"{field}.*received.*{value}"):
        TrainingConfig(**{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 1),
        ("batch_size", 1),
        ("learning_rate", 1e-9),
        ("weight_decay", 0.0),
        ("label_smoothing", 0.0),
        ("patience", 1),
        ("batch_size", None),
        ("learning_rate", None),
        ("patience", None),
    ],
)
def test_the_ends_of_the_ranges_are_accepted(field, value):
    assert getattr(TrainingConfig(**{field: value}), field) == value


@pytest.mark.parametrize(
    "fields",
    [
        {"head_epochs": -1},
        {"epochs": 10, "head_epochs": 10},
        {"head_epochs": 1, "fine_tune_rate": 0.0},
        {"head_epochs": 1, "unfreeze": 0},
        {"head_epochs": 1, "unfreeze": ""},
        {"unfreeze": "block5"},
        {"fine_tune_rate": 1e-4},
    ],
)
def test_phases_that_cannot_be_are_refused_by_name(fields):
    with pytest.raises(UsageError, match=f"{list(fields)[-1]}.*received"):
        TrainingConfig(**fields)


def test_the_same_recipe_is_the_same_value():
    assert len({TrainingConfig(), TrainingConfig()}) == 1
