from dataclasses import fields

import pytest

from imgclass.experiment import Experiment
from imgclass.flows import PRESETS, Augmentation
from imgclass.formatting import setting
from imgclass.models.spec import ModelSpec
from imgclass.report.settings import grouped_settings
from imgclass.training.config import TrainingConfig


def test_every_field_of_an_experiment_is_there_once():
    named = sorted(s.name for group in grouped_settings(Experiment()) for s in group.settings)
    parts = {"spec", "training", "augmentation"}
    kinds = (Experiment, ModelSpec, TrainingConfig, Augmentation)
    expected = [f.name for kind in kinds for f in fields(kind) if f.name not in parts]
    assert named == sorted(expected)


def test_the_default_experiment_changes_nothing():
    groups = grouped_settings(Experiment())
    assert not [s.name for group in groups for s in group.settings if s.is_changed]


def test_what_was_changed_is_changed_from_the_experiments_own_default():
    groups = grouped_settings(Experiment(resize="pad", augmentation=Augmentation()))
    changed = {s.name: s.default for group in groups for s in group.settings if s.is_changed}
    standard = PRESETS["light"]
    assert changed == {
        "resize": "stretch",
        **{
            field.name: getattr(standard, field.name)
            for field in fields(Augmentation)
            if getattr(standard, field.name) != getattr(Augmentation(), field.name)
        },
    }


@pytest.mark.keras
def test_an_object_of_keras_is_a_setting_that_shows_its_name():
    import keras

    recipe = TrainingConfig(optimizer=keras.optimizers.RMSprop(), metrics=[keras.metrics.AUC()])
    groups = grouped_settings(Experiment(training=recipe))
    changed = {s.name: setting(s.value) for g in groups for s in g.settings if s.is_changed}
    assert changed == {"optimizer": "RMSprop", "metrics": "AUC"}
