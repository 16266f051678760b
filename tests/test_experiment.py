import json
from dataclasses import FrozenInstanceError, replace
from types import MappingProxyType

import pytest

from imgclass.data.manifest import Manifest, Sample
from imgclass.errors import UsageError
from imgclass.experiment import Experiment
from imgclass.flows import PRESETS
from imgclass.models.spec import ModelSpec
from imgclass.serialization import dump_json, from_plain
from imgclass.training.config import TrainingConfig


def test_two_experiments_of_the_same_values_are_equal_and_hash_alike():
    assert Experiment() == Experiment()
    assert len({Experiment(), Experiment()}) == 1


def test_an_experiment_cannot_be_changed_in_place():
    with pytest.raises(FrozenInstanceError):
        Experiment().architecture = "vgg16"


def test_an_experiment_has_no_changes_from_itself():
    assert Experiment().changes_from(Experiment()) == {}


def test_changes_name_each_field_with_both_values_in_the_fields_order():
    before = Experiment()
    after = replace(
        before,
        resize="pad",
        spec=replace(before.spec, image_size=(8, 8)),
        training=replace(before.training, epochs=3),
    )
    assert list(after.changes_from(before).items()) == [
        ("spec.image_size", (None, (8, 8))),
        ("training.epochs", (None, 3)),
        ("resize", ("stretch", "pad")),
    ]


def test_changes_look_into_the_augmentation():
    before = Experiment(augmentation=PRESETS["none"])
    after = Experiment(augmentation=PRESETS["flip"])
    assert after.changes_from(before) == {"augmentation.horizontal_flip": (False, True)}


def test_changes_the_other_way_are_the_same_swapped():
    before, after = Experiment(), Experiment(architecture="vgg16", augmentation=PRESETS["strong"])
    swapped = {name: (new, old) for name, (old, new) in before.changes_from(after).items()}
    assert after.changes_from(before) == swapped


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("architecture", ""),
        ("architecture", 7),
        ("architecture", None),
        ("spec", {}),  # R15
        ("training", None),
        ("augmentation", "lite"),
        ("augmentation", {"horizontal_flip": True}),
        ("pipeline", "cahced"),  # R15
        ("resize", "streched"),
        ("tta", 1),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(field, value):
    with pytest.raises(UsageError) as caught:
        Experiment(**{field: value})
    assert str(caught.value).startswith(f"Expected {field} to be ")
    assert f"received {field}={value!r}." in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value", "nearest"), [("pipeline", "cahced", "cached"), ("resize", "corp", "crop")]
)
def test_a_misspelt_name_is_told_the_nearest_one(field, value, nearest):
    with pytest.raises(UsageError, match=f"Did you mean '{nearest}'"):
        Experiment(**{field: value})


def test_a_presets_name_becomes_its_augmentation():
    assert Experiment(augmentation="medium") == Experiment(augmentation=PRESETS["medium"])
    assert replace(Experiment(), augmentation="none").augmentation is PRESETS["none"]


def test_predictions_from_mirror_images_are_asked_for():
    assert not Experiment().tta


@pytest.fixture
def of_objects():
    """An experiment with an optimizer, a loss and metrics that are objects of Keras."""
    import keras

    return Experiment(
        training=TrainingConfig(
            optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.1, 9)),
            loss=keras.losses.CategoricalFocalCrossentropy(gamma=3),
            metrics=[keras.metrics.F1Score(average="macro"), "auc"],
        )
    )


@pytest.mark.keras
def test_an_experiment_with_objects_of_keras_comes_back_from_json(of_objects):
    again = from_plain(Experiment, json.loads(dump_json(of_objects)))
    assert again == of_objects
    assert again.training.optimizer.build().get_config()["learning_rate"]["config"] == {
        **of_objects.training.optimizer.build().get_config()["learning_rate"]["config"]
    }


@pytest.mark.keras
def test_changes_name_an_object_of_keras_as_one_value(of_objects):
    changes = of_objects.changes_from(Experiment())
    assert {name: str(new) for name, (_, new) in changes.items()} == {
        "training.optimizer": "Adam",
        "training.loss": "CategoricalFocalCrossentropy",
        "training.metrics": "(F1Score, 'auc')",
    }


def test_a_misspelt_name_in_json_is_told_the_nearest_one():
    with pytest.raises(ValueError, match="Did you mean 'rmsprop'"):
        from_plain(Experiment, {"training": {"optimizer": "rmsprp"}})


class Folder:
    """A data set as far as `resolve` looks: 1,400 training images of 20 x 30 pixels."""

    counts = MappingProxyType({"train": 1_400})
    manifest = Manifest(
        ("cat",), (Sample("train/cat/1.png", "cat", "train", "0" * 64, 30, 20, "1.png"),)
    )


@pytest.mark.keras
def test_resolving_chooses_all_that_is_open_by_the_data_and_the_architecture():
    asked = Experiment(training=TrainingConfig(seed=3))
    full = asked.resolve(Folder())
    assert full.changes_from(replace(asked, augmentation=PRESETS["light"])) == {
        "architecture": ("auto", "cnn"),
        "spec.image_size": (None, (20, 30)),
        "spec.depth": (None, 3),
        "spec.width": (None, 32),
        "spec.trainable": (None, True),
        "training.epochs": (None, 30),
        "training.batch_size": (None, 32),
        "training.optimizer": (None, "muon"),
        "training.learning_rate": (None, 0.16),
        "training.label_smoothing": (None, 0.1),
    }
    assert full.resolve(Folder()) == full


@pytest.mark.keras
def test_resolving_keeps_what_was_asked_for():
    asked = Experiment(
        "cnn",
        spec=ModelSpec(image_size=8, depth=1, width=4, trainable=True),
        training=TrainingConfig(
            epochs=3, optimizer="adam", batch_size=7, learning_rate=0.5, label_smoothing=0.2
        ),
        augmentation=PRESETS["flip"],
    )
    assert asked.resolve(Folder()) == asked
