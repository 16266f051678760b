"""A part is trained like the whole, with as many steps."""

from dataclasses import replace

import pytest

from imgclass import Experiment, TrainingConfig
from imgclass.learning_curves.recipe import for_part

WHOLE = Experiment(training=TrainingConfig(epochs=8, batch_size=32, patience=3, seed=7))


@pytest.mark.parametrize("part", [1000, 500, 333, 250, 125, 40, 10])
def test_a_part_has_as_many_steps_as_the_whole(part):
    training = for_part(WHOLE, whole=1000, part=part).training
    steps = training.epochs * -(-part // 32)
    assert steps == pytest.approx(8 * 32, rel=0.05)


def test_the_whole_is_trained_as_it_is():
    assert for_part(WHOLE, whole=1000, part=1000) == WHOLE


def test_all_that_is_counted_in_epochs_grows_and_nothing_else_changes():
    head = replace(WHOLE, training=replace(WHOLE.training, head_epochs=2))
    part = for_part(head, whole=1024, part=256)
    assert part.changes_from(head) == {
        "training.epochs": (8, 32),
        "training.patience": (3, 12),
        "training.head_epochs": (2, 8),
    }


def test_a_repeat_has_another_seed_and_nothing_else():
    repeated = for_part(WHOLE, whole=1000, part=1000, repeat=2)
    assert repeated.changes_from(WHOLE) == {"training.seed": (7, 9)}
