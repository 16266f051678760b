from dataclasses import replace

import numpy as np
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
        ("epochs", 2.5),  # R15
        ("batch_size", "64"),  # R15
        ("epochs", True),
        ("learning_rate", "0.1"),
        ("learning_rate", float("inf")),
        ("weight_decay", float("nan")),
        ("weight_decay", None),
        ("schedule", "linear"),  # R15
        ("schedule", None),
        ("precision", "bf16"),
        ("ema", 1.0),
        ("ema", 0.0),
        ("layer_decay", 0.0),
        ("layer_decay", 1.1),
        ("find_rate", 1),
        ("unfreeze", 2.5),
        ("seed", -1),
        ("seed", None),
        ("optimizer", "rmsprp"),  # R15
        ("optimizer", 5),
        ("optimizer", {"class_name": "SGD"}),
        ("loss", "crossentropy"),
        ("loss", ["categorical_hinge"]),
        ("metrics", ["f2_score"]),
        ("metrics", "f2_score"),
    ],
)
def test_a_value_of_another_type_or_out_of_range_is_refused_by_name(field, value):
    shown = value[0] if field == "metrics" and isinstance(value, list) else value
    with pytest.raises(UsageError, match=rf"Expected {field} .*received {field}=") as caught:
        TrainingConfig(**{field: value})
    assert f"{field}={shown!r}" in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value", "nearest"),
    [
        ("optimizer", "rmsprp", "rmsprop"),
        ("optimizer", "Adam", "adam"),
        ("schedule", "onecycle", "one_cycle"),
        ("precision", "mixed_bf16", "mixed_bfloat16"),
        ("loss", "categorical_cross_entropy", "categorical_crossentropy"),
        ("metrics", "f1score", "f1_score"),
    ],
)
def test_a_misspelt_name_is_told_the_nearest_one(field, value, nearest):
    with pytest.raises(UsageError, match=f"Did you mean '{nearest}'"):
        TrainingConfig(**{field: value})


def test_numbers_of_numpy_become_pythons():
    config = TrainingConfig(
        epochs=np.int64(3), learning_rate=np.float32(0.5), seed=np.uint8(1), patience=np.int32(2)
    )
    assert config == TrainingConfig(epochs=3, learning_rate=0.5, seed=1, patience=2)
    assert type(config.epochs) is type(config.seed) is int
    assert type(config.learning_rate) is float


def test_one_metric_needs_no_list():
    assert TrainingConfig(metrics="auc") == TrainingConfig(metrics=["auc"])


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


def test_the_same_recipe_is_the_same_value():
    assert len({TrainingConfig(), TrainingConfig()}) == 1


@pytest.mark.keras
def test_equal_objects_make_equal_recipes():
    import keras

    def make():
        return TrainingConfig(
            optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.1, 9)),
            loss=keras.losses.CategoricalFocalCrossentropy(gamma=3),
            metrics=[keras.metrics.F1Score(average="macro"), "auc"],
        )

    assert make() == make()
    assert hash(make()) == hash(make())
    assert make() != TrainingConfig(optimizer=keras.optimizers.Adam(0.1))


@pytest.mark.keras
@pytest.mark.parametrize("field", ["optimizer", "loss", "metrics"])
def test_an_object_of_another_kind_is_refused(field):
    import keras

    other = keras.losses.Dice() if field != "loss" else keras.optimizers.SGD()
    with pytest.raises(UsageError, match=f"Expected {field} to be a name, a Keras"):
        TrainingConfig(**{field: other})


def test_a_head_that_would_learn_alone_to_the_end_is_refused_once_the_epochs_are_known():
    with pytest.raises(UsageError, match="head_epochs < epochs=8"):
        TrainingConfig(head_epochs=8).resolve(num_images=45_000)


def test_a_rate_that_is_to_be_found_stays_open():
    config = TrainingConfig(find_rate=True).resolve(num_images=45_000)
    assert (config.learning_rate, config.find_rate, config.epochs) == (None, True, 8)
    assert TrainingConfig(find_rate=False).resolve(num_images=45_000).learning_rate == 1e-3


def test_the_rate_of_sgd_follows_the_batch():
    full = TrainingConfig(batch_size=64).resolve(num_images=10_000, optimizer="sgd")
    assert full.learning_rate == pytest.approx(0.05)


def test_what_was_given_is_kept():
    config = TrainingConfig(
        epochs=3, optimizer="adam", batch_size=7, learning_rate=0.5, label_smoothing=0.2
    )
    assert config.resolve(num_images=10, optimizer="sgd", only_head=True) == replace(
        config, precision="float32"
    )


def test_a_head_alone_learns_sharp_targets_in_float32():
    chosen = TrainingConfig(optimizer="adam").resolve(num_images=10, only_head=True)
    assert (chosen.label_smoothing, chosen.precision) == (0.0, "float32")
    asked = TrainingConfig(optimizer="adam", precision="mixed_bfloat16")
    assert asked.resolve(num_images=10, only_head=True).precision == "mixed_bfloat16"


@pytest.mark.keras
def test_an_optimizer_object_keeps_its_rate_where_the_rest_is_chosen():
    import keras

    config = TrainingConfig(optimizer=keras.optimizers.SGD(0.02))
    full = config.resolve(num_images=1_000, optimizer="muon")
    assert (full.optimizer, full.learning_rate) == (config.optimizer, None)
