import numpy as np

from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.epochs import epoch_order, plan_epoch

TURN = Augmentation(rotation_range=10)


def test_an_order_has_every_image_once():
    assert sorted(epoch_order(100, seed=3, epoch=4)) == list(range(100))


def test_every_epoch_and_every_seed_has_its_own_order():
    orders = {tuple(epoch_order(50, seed=s, epoch=e)) for s in range(5) for e in range(20)}
    assert len(orders) == 100


def test_an_epoch_is_planned_alike_whatever_was_planned_before():
    alone = plan_epoch(TURN, (8, 8), n=30, seed=1, epoch=7)
    later = [plan_epoch(TURN, (8, 8), n=30, seed=1, epoch=epoch) for epoch in range(8)][-1]
    assert (alone.order == later.order).all()
    assert (alone.transforms.theta == later.transforms.theta).all()


def test_changes_differ_between_epochs():
    angles = [plan_epoch(TURN, (8, 8), n=30, seed=1, epoch=e).transforms.theta for e in range(5)]
    assert len(np.unique(angles)) == 150
