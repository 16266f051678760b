from dataclasses import replace

import pytest

from imgclass import Trainer, TrainingConfig
from imgclass.training import deadline as module
from imgclass.training.deadline import Deadline, EndInTime

pytestmark = pytest.mark.keras

CONFIG = TrainingConfig(
    epochs=4, optimizer="sgd", learning_rate=0.1, batch_size=8, precision="float32"
)


class Clock:
    """A second passes each time that it is read."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        self.now += 1.0
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def fit(make_model, make_flows, callback, config=CONFIG):
    return Trainer(config, callbacks=callback, progress=False).fit(
        make_model(), make_flows(train=32, val=8)
    )


@pytest.mark.usefixtures("clock")
def test_a_training_that_is_late_ends_in_time_with_its_rate_at_the_end(make_model, make_flows):
    ending = EndInTime(Deadline(at=10.0))  # of 16 steps of a second each
    history = fit(make_model, make_flows, ending)
    assert ending.is_late
    assert history.stopped_early
    assert len(history.epochs) == 3  # in the third epoch, which is validated, too
    first, *_, last = (epoch.learning_rate for epoch in history.epochs)
    assert last < 0.1 * first


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("deadline", [Deadline(at=100.0), None])
def test_a_training_in_time_and_one_without_a_deadline_take_all_their_steps(
    make_model, make_flows, deadline
):
    ending = EndInTime(deadline)
    history = fit(make_model, make_flows, ending, replace(CONFIG, epochs=1, schedule="constant"))
    assert (ending.is_late, history.stopped_early) == (False, False)
    assert ending.model.optimizer.iterations == 4


@pytest.mark.usefixtures("clock")
def test_the_schedule_of_the_second_phase_goes_by_the_time_of_that_phase(make_deep, make_flows):
    config = TrainingConfig(
        epochs=4, head_epochs=2, optimizer="sgd", learning_rate=0.1, precision="float32"
    )
    ending = EndInTime(Deadline(at=14.0, head_epochs=2))
    history = fit(make_deep, make_flows, ending, config)
    assert ending.is_late
    assert [epoch.phase for epoch in history.epochs] == [1, 1, 2, 2]
    assert history.epochs[1].learning_rate == pytest.approx(0.0, abs=1e-6)
    assert history.epochs[-1].learning_rate < 0.005
