import numpy as np
import pytest

from imgclass.data.duplicates.alignment import aligned_distances


def scene(shift=(0.0, 0.0), zoom=1.0):
    """A smooth picture drawn at a place and size of its own, as a fingerprint."""
    at = (np.arange(16) - 7.5) / zoom
    y, x = np.meshgrid(at - shift[0], at - shift[1], indexing="ij")
    waves = [np.sin(0.5 * x + 1) * np.cos(0.4 * y), np.cos(0.6 * x - 0.3 * y), np.sin(0.45 * y)]
    return np.rint(128 + 60 * np.stack(waves, axis=-1)).astype(np.uint8)[None]


@pytest.mark.parametrize("shift", [(0, 1), (1, 0), (-1, 0.5), (0.7, -0.7)])
def test_a_small_shift_leaves_almost_no_distance(shift):
    assert aligned_distances(scene(), scene(shift))[0] < 0.03


@pytest.mark.parametrize("zoom", [0.93, 1.07])
def test_a_mild_crop_leaves_almost_no_distance(zoom):
    assert aligned_distances(scene(), scene(zoom=zoom))[0] < 0.02


def test_a_large_shift_is_another_picture():
    assert aligned_distances(scene(), scene((0, 5)))[0] > 0.2


def test_brightness_and_contrast_do_not_count():
    darker = (scene().astype(float) * 0.6 + 20).astype(np.uint8)
    assert aligned_distances(scene(), darker)[0] < 0.002


def test_a_distance_is_the_same_both_ways():
    some, other = scene(), scene((1, 0.5), 1.05)
    assert aligned_distances(some, other) == pytest.approx(aligned_distances(other, some))


def test_pictures_without_structure_are_far_from_everything_and_no_error():
    blank = np.full((1, 16, 16, 3), 200, np.uint8)
    assert aligned_distances(blank, scene())[0] > 0.5


def test_chunks_make_no_difference(monkeypatch):
    pictures = np.random.default_rng(0).integers(0, 256, (9, 16, 16, 3)).astype(np.uint8)
    whole = aligned_distances(pictures, pictures[::-1])
    monkeypatch.setattr("imgclass.data.duplicates.alignment.CHUNK", 2)
    assert np.array_equal(whole, aligned_distances(pictures, pictures[::-1]))
