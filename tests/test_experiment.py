from dataclasses import FrozenInstanceError, replace

import pytest

from imgclass.experiment import Experiment
from imgclass.flows.augmentation import PRESETS


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
        fit="pad",
        spec=replace(before.spec, image_size=(8, 8)),
        training=replace(before.training, epochs=3),
    )
    assert list(after.changes_from(before).items()) == [
        ("spec.image_size", (None, (8, 8))),
        ("training.epochs", (None, 3)),
        ("fit", ("stretch", "pad")),
    ]


def test_changes_look_into_the_augmentation():
    before = Experiment(augmentation=PRESETS["none"])
    after = Experiment(augmentation=PRESETS["flip"])
    assert after.changes_from(before) == {"augmentation.horizontal_flip": (False, True)}


def test_changes_the_other_way_are_the_same_swapped():
    before, after = Experiment(), Experiment(architecture="vgg16", augmentation=PRESETS["strong"])
    swapped = {name: (new, old) for name, (old, new) in before.changes_from(after).items()}
    assert after.changes_from(before) == swapped
