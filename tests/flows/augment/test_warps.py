import numpy as np
import pytest
from scipy import ndimage

from imgclass.flows.augment import warps
from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.augment.transforms import affine_maps, draw_transforms
from imgclass.flows.augment.warps import fold, warp


def warped(images, maps, dtype=np.uint8, fill_mode="reflect"):
    out = np.empty(images.shape, dtype)
    warp(images, maps, out=out, fill_mode=fill_mode, cval=0)
    return out


def still(n: int):
    return np.tile(np.eye(2), (n, 1, 1)), np.zeros((n, 2))


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (9, 10, 6, 3), dtype=np.uint8)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_the_identity_changes_no_byte(images, dtype):
    assert (warped(images, still(9), dtype) == images).all()


@pytest.mark.parametrize("level", [0, 1, 100, 254, 255])
def test_an_even_image_stays_even_exactly(level):
    even = np.full((3, 7, 9, 3), level, np.uint8)
    turn = Augmentation(rotation_range=90, zoom_range=0.5, shear_range=20)
    maps = affine_maps(draw_transforms(turn, (7, 9), n=3, rng=np.random.default_rng(1)), (7, 9))
    assert (warped(even, maps, np.float32) == level).all()


def test_an_image_does_not_depend_on_the_others_in_its_batch(images, monkeypatch):
    turn = Augmentation(rotation_range=90, width_shift_range=0.3)
    maps = affine_maps(draw_transforms(turn, (10, 6), n=9, rng=np.random.default_rng(1)), (10, 6))
    together = warped(images, maps)
    monkeypatch.setattr(warps, "BLOCK_PIXELS", 1)
    assert (warped(images, maps) == together).all()


def test_nothing_to_do_is_done():
    assert warped(np.empty((0, 4, 4, 3), np.uint8), still(0)).shape == (0, 4, 4, 3)


@pytest.mark.parametrize("side", [1, 2, 3, 8])
@pytest.mark.parametrize("fill_mode", ["nearest", "reflect", "wrap"])
def test_a_folded_place_holds_what_scipy_reads_outside(fill_mode, side):
    values = np.random.default_rng(side).uniform(0, 255, side)
    outside = np.linspace(-4 * side, 5 * side, 1001)
    folded = outside.copy()
    fold(folded, side, fill_mode=fill_mode)
    assert folded.min() >= 0
    assert folded.max() <= side - 1
    read = ndimage.map_coordinates(values, outside[None], order=1, mode=fill_mode)
    assert np.interp(folded, np.arange(side), values) == pytest.approx(read, abs=1e-9)


@pytest.mark.parametrize("fill_mode", ["nearest", "reflect", "wrap", "constant"])
def test_places_inside_stay_where_they_are(fill_mode):
    inside = np.linspace(0, 6, 61)
    folded = inside.copy()
    fold(folded, 7, fill_mode=fill_mode)
    assert folded == pytest.approx(inside, abs=1e-12)
