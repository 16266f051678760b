import numpy as np
import pytest

from imgclass.data.duplicates.fingerprints import fingerprint, outlines

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (32, 32), (480, 640), (5, 3000)])
def test_a_fingerprint_has_one_shape_whatever_the_pictures_size(shape):
    assert fingerprint(RNG.integers(0, 256, (*shape, 3)).astype(np.uint8)).shape == (16, 16, 3)


def test_a_cell_is_the_mean_of_its_pixels():
    pixels = np.zeros((32, 32, 3), np.uint8)
    pixels[:2, :2, 0] = [[0, 100], [100, 200]]
    assert fingerprint(pixels)[0, 0].tolist() == [100, 0, 0]


def test_outlines_are_unit_vectors_that_brightness_and_contrast_do_not_change():
    pictures = RNG.integers(50, 150, (4, 16, 16, 3)).astype(np.uint8)
    first, strength = outlines(pictures)
    other, stronger = outlines((pictures - 50) * 2)
    assert np.linalg.norm(first, axis=1) == pytest.approx(1, abs=1e-5)
    assert (first * other).sum(1) == pytest.approx(1, abs=1e-4)
    assert stronger == pytest.approx(2 * strength, rel=1e-4)


def test_one_colour_has_no_structure():
    _, strength = outlines(np.full((1, 16, 16, 3), 90, np.uint8))
    assert strength[0] == pytest.approx(0, abs=1e-3)
