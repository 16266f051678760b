from dataclasses import replace

import numpy as np
import pytest

from imgclass.flows.augment import mixing
from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.augment.mixing import WHOLE, Mixes, draw_mixes, mix

MIXUP, CUTMIX = Augmentation(mixup=0.2), Augmentation(cutmix=1.0)
NO_BOX = [0, 0, 0, 0]


def draw(augmentation, n: int = 6_000, batch_size: int = 20) -> Mixes:
    rng = np.random.default_rng(0)
    return draw_mixes(augmentation, (32, 24), n=n, batch_size=batch_size, rng=rng)


def areas(mixes: Mixes) -> np.ndarray:
    top, bottom, left, right = mixes.boxes.T
    return (bottom - top) * (right - left) / (32 * 24)


@pytest.fixture
def images():
    return np.random.default_rng(1).integers(0, 256, (5, 32, 24, 3), dtype=np.uint8)


LABELS = np.eye(5, dtype=np.float32)


def test_mixup_draws_shares_from_its_beta_distribution():
    mixes = draw(MIXUP)
    share = mixes.weights / WHOLE
    assert share.mean() == pytest.approx(0.5, abs=0.02)
    assert share.var() == pytest.approx(1 / (4 * (2 * 0.2 + 1)), abs=0.01)
    assert not mixes.boxes.any()


def test_cutmix_pastes_rectangles_of_every_area_inside_the_image():
    mixes = draw(CUTMIX)
    assert (mixes.weights == WHOLE).all()
    assert mixes.boxes.min() == 0
    assert mixes.boxes.max(axis=0).tolist()[1::2] == [32, 24]
    # About any pixel, a side s has s - s^2 / 4 of itself inside; its square is uniform.
    assert areas(mixes).mean() == pytest.approx(77 / 240, abs=0.02)


def test_of_both_each_batch_takes_one():
    mixes = draw(replace(MIXUP, cutmix=1.0))
    is_averaged = (mixes.weights < WHOLE).reshape(-1, 20).any(axis=1)
    is_cut = (areas(mixes) > 0).reshape(-1, 20).any(axis=1)
    assert (is_averaged ^ is_cut).all()
    assert is_cut.mean() == pytest.approx(0.5, abs=0.1)


def test_an_average_and_its_label_have_the_same_shares(images):
    mixes = Mixes(np.array([64, 256, 0, 128, 192], np.uint16), np.array([NO_BOX] * 5))
    mixed, labels = mix(images, LABELS, mixes)
    expected = 0.25 * images[0] + 0.75 * images[1].astype(float)
    assert np.abs(mixed[0] - expected).max() <= 0.5
    assert (mixed[1] == images[1]).all()
    assert (mixed[2] == images[3]).all()
    assert labels[0].tolist() == [0.25, 0.75, 0, 0, 0]
    assert labels[4].tolist() == [0.25, 0, 0, 0, 0.75]  # the last one takes the first
    assert (mixed.dtype, labels.dtype) == (np.uint8, np.float32)


def test_a_pasted_rectangle_and_its_label_have_the_same_shares(images):
    boxes = np.array([[0, 16, 0, 12], [32, 32, 3, 24], [0, 32, 0, 24], [8, 9, 5, 6], NO_BOX])
    mixed, labels = mix(images, LABELS, Mixes(np.full(5, WHOLE, np.uint16), boxes))
    assert (mixed[0, :16, :12] == images[1, :16, :12]).all()
    assert (mixed[0, 16:] == images[0, 16:]).all()
    assert (mixed[0, :, 12:] == images[0, :, 12:]).all()
    assert labels[0].tolist() == [0.75, 0.25, 0, 0, 0]
    assert labels[1].tolist() == [0, 1, 0, 0, 0]
    assert (mixed[2] == images[3]).all()
    assert labels[3, 4] == pytest.approx(1 / (32 * 24), abs=1e-6)
    assert (mixed[4] == images[4]).all()


@pytest.mark.parametrize("augmentation", [MIXUP, CUTMIX, replace(MIXUP, cutmix=1.0)], ids=str)
def test_labels_are_shares_of_one_and_the_given_batch_stays(augmentation, images):
    before = images.copy()
    _, labels = mix(images, LABELS, draw(augmentation, n=5))
    assert labels.sum(axis=1) == pytest.approx(1)
    assert labels.min() >= 0
    assert (images == before).all()


def test_an_average_of_equal_images_is_the_image(images):
    same = np.stack([images[0]] * 5)
    assert (mix(same, LABELS, draw(MIXUP, n=5))[0] == same).all()


def test_images_are_averaged_alike_in_blocks_of_any_size(images, monkeypatch):
    mixes = draw(MIXUP, n=5)
    together, _ = mix(images, LABELS, mixes)
    monkeypatch.setattr(mixing, "BLOCK_PIXELS", 1)
    assert (mix(images, LABELS, mixes)[0] == together).all()


def test_a_batch_of_one_image_stays_as_it_is(images):
    for augmentation in (MIXUP, CUTMIX):
        mixed, labels = mix(images[:1], LABELS[:1], draw(augmentation, n=1))
        assert (mixed == images[:1]).all()
        assert labels.tolist() == [[1, 0, 0, 0, 0]]
