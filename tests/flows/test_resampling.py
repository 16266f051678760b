import numpy as np
import pytest

from imgclass.flows import resampling
from imgclass.flows.augmentation import Augmentation
from imgclass.flows.resampling import resample
from imgclass.flows.transforms import affine_maps, draw_transforms


def resampled(images, maps, dtype=np.uint8, fill_mode="reflect"):
    out = np.empty(images.shape, dtype)
    resample(images, maps, out=out, fill_mode=fill_mode, cval=0)
    return out


def still(n: int):
    return np.tile(np.eye(2), (n, 1, 1)), np.zeros((n, 2))


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (9, 10, 6, 3), dtype=np.uint8)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_the_identity_changes_no_byte(images, dtype):
    assert (resampled(images, still(9), dtype) == images).all()


@pytest.mark.parametrize("level", [0, 1, 100, 254, 255])
def test_an_even_image_stays_even_exactly(level):
    even = np.full((3, 7, 9, 3), level, np.uint8)
    turn = Augmentation(rotation_range=90, zoom_range=0.5, shear_range=20)
    maps = affine_maps(draw_transforms(turn, (7, 9), n=3, rng=np.random.default_rng(1)), (7, 9))
    assert (resampled(even, maps, np.float32) == level).all()


def test_an_image_does_not_depend_on_the_others_in_its_batch(images, monkeypatch):
    turn = Augmentation(rotation_range=90, width_shift_range=0.3)
    maps = affine_maps(draw_transforms(turn, (10, 6), n=9, rng=np.random.default_rng(1)), (10, 6))
    together = resampled(images, maps)
    monkeypatch.setattr(resampling, "BLOCK_PIXELS", 1)
    assert (resampled(images, maps) == together).all()


def test_nothing_to_do_is_done():
    assert resampled(np.empty((0, 4, 4, 3), np.uint8), still(0)).shape == (0, 4, 4, 3)
