import logging
from dataclasses import replace

import pytest

from imgclass import TrainingConfig
from imgclass.training import speed_trial
from imgclass.training.speed_trial import measure_speeds

pytestmark = pytest.mark.keras

CONFIG = TrainingConfig(
    epochs=2, optimizer="sgd", learning_rate=0.1, batch_size=8, precision="float32"
)


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(speed_trial, "LONG_ENOUGH", 0.0)


def test_a_network_in_which_everything_learns_has_one_speed(make_model, make_flows):
    (speed,) = measure_speeds(CONFIG, make_model(), make_flows(train=16, val=8))
    assert speed.frozen == 0
    assert min(speed.step, speed.scoring, speed.start) > 0


def test_the_second_phase_is_measured_only_if_it_is_asked_for(make_deep, make_flows):
    model, flows = make_deep(), make_flows(train=16, val=8)
    speeds = measure_speeds(replace(CONFIG, head_epochs=1), model, flows)
    assert next(speeds).step > 0
    of_head = len(model.trainable_weights)
    next(speeds)
    assert len(model.trainable_weights) > of_head
    assert next(speeds, None) is None


def test_images_fewer_than_a_batch_are_enough(make_model, make_flows):
    (speed,) = measure_speeds(CONFIG, make_model(), make_flows(train=5, val=3))
    assert speed.step > 0


def test_only_the_warning_of_many_compiled_models_is_silenced():
    records = [
        logging.LogRecord("tensorflow", logging.WARNING, "", 1, text, (), None)
        for text in ("5 out of 9 calls triggered tf.function retracing.", "Disk is full.")
    ]
    assert list(map(speed_trial._says_more_than_retracing, records)) == [False, True]
