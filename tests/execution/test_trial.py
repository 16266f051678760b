from dataclasses import replace

import pytest

from imgclass import Experiment, ModelSpec, TrainingConfig
from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.execution.trial import few_images, measure_costs
from imgclass.flows import PRESETS

QUICK = Experiment(
    architecture="cnn",
    spec=ModelSpec(depth=1, width=4),
    training=TrainingConfig(epochs=1, batch_size=4, precision="float32"),
    augmentation=PRESETS["none"],
)


def test_a_few_images_are_of_all_classes_and_of_train_and_val_only(folder):
    few = few_images(ImageFolder.open(folder), 6)
    assert few.counts == {"train": 6, "val": 2, "test": 0}
    assert few.manifest.class_counts("train") == {"dark": 3, "light": 3}


def test_more_images_than_there_are_are_all_of_them(folder):
    assert few_images(ImageFolder.open(folder), 600).counts["train"] == 24


@pytest.mark.keras
def test_the_costs_of_an_experiment_are_measured(folder, monkeypatch):
    monkeypatch.setattr("imgclass.training.speed_trial.LONG_ENOUGH", 0.0)
    opened = ImageFolder.open(folder)
    costs = measure_costs(opened, QUICK.resolve(opened), goes_on=lambda _: True)
    assert costs.pixels == 64
    assert len(costs.speeds) == 1
    assert min(costs.building, costs.decoding, costs.speeds[0].step) > 0


@pytest.mark.keras
def test_the_second_phase_is_not_measured_where_there_is_no_time(folder, monkeypatch):
    monkeypatch.setattr("imgclass.training.speed_trial.LONG_ENOUGH", 0.0)
    opened, seen = ImageFolder.open(folder), []
    training = replace(QUICK.training, epochs=2, head_epochs=1)
    experiment = replace(QUICK, training=training).resolve(opened)
    costs = measure_costs(opened, experiment, goes_on=seen.append)
    assert len(costs.speeds) == 1
    assert [len(each.speeds) for each in seen] == [1]
