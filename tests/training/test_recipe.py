import pytest

from imgclass import TrainingConfig
from imgclass.errors import UsageError
from imgclass.training.recipe import (
    choose_batch_size,
    choose_epochs,
    filled_in,
    make_optimizer,
    make_schedule,
)

pytestmark = pytest.mark.keras


def test_one_cycle_climbs_to_the_peak_and_falls_to_zero():
    schedule = make_schedule(TrainingConfig(learning_rate=0.2), total_steps=100)
    rates = [float(schedule(step)) for step in range(101)]
    assert rates[0] == 0
    assert max(rates) == pytest.approx(0.2)
    assert rates.index(max(rates)) == 20
    assert rates[100] == pytest.approx(0, abs=1e-6)


def test_a_constant_schedule_is_a_number():
    config = TrainingConfig(learning_rate=0.2, schedule="constant")
    assert make_schedule(config, total_steps=100) == 0.2


def test_one_step_is_enough_for_a_schedule():
    assert float(make_schedule(TrainingConfig(learning_rate=0.2), total_steps=1)(0)) == 0


@pytest.mark.parametrize(
    ("optimizer", "name"), [("adam", "AdamW"), ("sgd", "SGD"), ("muon", "Muon")]
)
def test_the_optimizer_is_the_one_asked_for(optimizer, name):
    config = TrainingConfig(optimizer=optimizer, learning_rate=0.1, weight_decay=0.01)
    made = make_optimizer(config, total_steps=10)
    assert type(made).__name__ == name
    assert made.weight_decay == 0.01


@pytest.mark.parametrize(("images", "size"), [(1, 32), (5_000, 32), (12_800, 128), (10**6, 256)])
def test_a_batch_leaves_a_hundred_steps_where_it_can(images, size):
    assert choose_batch_size(images) == size


@pytest.mark.parametrize(("images", "epochs"), [(1, 30), (18_000, 20), (45_000, 8), (10**6, 4)])
def test_fewer_images_are_gone_over_more_often(images, epochs):
    assert choose_epochs(images) == epochs


def test_a_head_that_would_learn_alone_to_the_end_is_refused_once_the_epochs_are_known():
    with pytest.raises(UsageError, match="head_epochs < epochs=8"):
        filled_in(TrainingConfig(head_epochs=8), num_images=45_000)


def test_the_rate_of_sgd_follows_the_batch():
    full = filled_in(TrainingConfig(batch_size=64), num_images=10_000, optimizer="sgd")
    assert full.learning_rate == pytest.approx(0.05)


def test_what_was_given_is_kept():
    config = TrainingConfig(epochs=3, optimizer="adam", batch_size=7, learning_rate=0.5)
    assert filled_in(config, num_images=10, optimizer="sgd") == config
