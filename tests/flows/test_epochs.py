import numpy as np

from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.epochs import EpochPlan, plan_epoch

TURN = Augmentation(rotation_range=10)
LABELS = np.repeat([0, 1], [25, 5])


def plan(epoch: int, **options) -> EpochPlan:
    return plan_epoch(TURN, (8, 8), LABELS, batch_size=4, seed=1, epoch=epoch, **options)


def test_an_epoch_is_planned_alike_whatever_was_planned_before():
    alone, later = plan(7), [plan(epoch) for epoch in range(8)][-1]
    assert (alone.rows == later.rows).all()
    assert (alone.changes.transforms.theta == later.changes.transforms.theta).all()


def test_changes_differ_between_epochs():
    angles = [plan(epoch).changes.transforms.theta for epoch in range(5)]
    assert len(np.unique(angles)) == 150


def test_an_image_that_comes_several_times_in_an_epoch_is_changed_differently_each_time():
    balanced = plan(0, sampling="balanced")
    assert len(np.unique(balanced.rows)) < 30
    assert len(np.unique(balanced.changes.transforms.theta)) == 30
