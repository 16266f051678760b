import numpy as np
import pytest

from imgclass.flows.sampling import draw_images, epoch_order

# 1, 2, 40 and 7 images.
LABELS = np.random.default_rng(0).permutation(np.repeat([0, 1, 2, 3], [1, 2, 40, 7]))


def balanced(epoch: int = 0, seed: int = 1, labels=LABELS) -> np.ndarray:
    return draw_images(labels, sampling="balanced", seed=seed, epoch=epoch)


def test_an_order_has_every_image_once():
    assert sorted(epoch_order(100, seed=3, epoch=4)) == list(range(100))


def test_every_epoch_and_every_seed_has_its_own_order():
    orders = {tuple(epoch_order(50, seed=s, epoch=e)) for s in range(5) for e in range(20)}
    assert len(orders) == 100


def test_shuffled_sampling_takes_every_image_once():
    assert draw_images(LABELS, sampling="shuffled", seed=0, epoch=2).tolist() == list(range(50))


@pytest.mark.parametrize("epoch", [0, 1, 7, 1_000])
def test_balanced_sampling_takes_as_many_images_and_every_class_equally_often(epoch):
    counts = np.bincount(LABELS[balanced(epoch)])
    assert counts.sum() == 50
    assert set(counts) == {12, 13}


def test_over_the_epochs_no_class_is_ahead_by_more_than_one_image():
    total = sum(np.bincount(LABELS[balanced(epoch)]) for epoch in range(7))
    assert total.max() - total.min() <= 1


def test_no_image_comes_once_more_before_all_of_its_class_have_come():
    used = np.zeros(50, int)
    for epoch in range(9):
        np.add.at(used, balanced(epoch), 1)
        for label in range(4):
            assert np.ptp(used[label == LABELS]) <= 1


def test_another_epoch_or_seed_takes_other_images_and_the_same_one_the_same():
    assert sorted(balanced(3)) == sorted(balanced(3))
    assert sorted(balanced(3)) != sorted(balanced(4))
    assert sorted(balanced(3)) != sorted(balanced(3, seed=2))


def test_classes_of_equal_size_come_whole():
    even = np.repeat([0, 1, 2], 5)
    assert sorted(balanced(4, labels=even)) == list(range(15))
