from dataclasses import fields, replace

import numpy as np
import pytest

from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.augment.transforms import Transforms, affine_maps, draw_transforms


def draw(augmentation: Augmentation, n: int = 4_000, seed: int = 0) -> Transforms:
    return draw_transforms(augmentation, (20, 40), n=n, rng=np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("theta", -40, 40),
        ("tx", -10, 10),
        ("ty", -10, 10),
        ("shear", -30, 30),
        ("zx", 0.6, 1.4),
        ("zy", 0.6, 1.4),
        ("channel_shift", -80, 80),
        ("brightness", 0.3, 1.8),
    ],
)
def test_a_range_is_filled_evenly_and_not_left(name, low, high, every_word):
    drawn = getattr(draw(every_word), name)
    assert low <= drawn.min() < low + 0.01 * (high - low)
    assert high - 0.01 * (high - low) < drawn.max() <= high
    assert drawn.mean() == pytest.approx((low + high) / 2, abs=0.02 * (high - low))


@pytest.mark.parametrize("name", ["flip_horizontal", "flip_vertical"])
def test_every_second_image_is_flipped_by_chance(name, every_word):
    assert getattr(draw(every_word), name).mean() == pytest.approx(0.5, abs=0.03)


def test_whole_pixels_are_drawn_below_the_magnitude_with_zero_twice_as_often():
    values, counts = np.unique(draw(Augmentation(width_shift_range=3)).tx, return_counts=True)
    assert values.tolist() == [-2, -1, 0, 1, 2]
    assert counts / 4_000 == pytest.approx([1 / 6, 1 / 6, 1 / 3, 1 / 6, 1 / 6], abs=0.03)


def test_shifts_in_pixels_do_not_grow_with_the_image():
    assert np.abs(draw(Augmentation(width_shift_range=1.5)).tx).max() <= 1.5


def test_nothing_asked_for_is_nothing_drawn():
    still = draw(Augmentation())
    expected = {"zx": 1, "zy": 1, "brightness": 1}
    for field in fields(Transforms):
        assert (getattr(still, field.name) == expected.get(field.name, 0)).all()


def test_another_word_leaves_an_images_angle_as_it_was(every_word):
    alone = draw(Augmentation(rotation_range=40))
    assert (alone.theta == draw(every_word).theta).all()


def test_more_images_leave_the_first_ones_as_they_were(every_word):
    few, many = draw(every_word, n=5), draw(every_word, n=50)[:5]
    for field in fields(Transforms):
        assert (getattr(few, field.name) == getattr(many, field.name)).all()


def test_drawing_leaves_numpys_global_generator_alone(every_word):
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the global generator is what is watched
    draw(every_word)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002 - the global generator is what is watched


def test_a_still_image_is_read_from_where_it_is():
    matrices, offsets = affine_maps(draw(Augmentation(), n=2), (20, 40))
    assert (matrices == np.eye(2)).all()
    assert (offsets == 0).all()


def test_a_flip_is_read_from_the_other_end():
    still = draw(Augmentation(), n=1)
    flipped = replace(still, flip_horizontal=np.array([True]))
    matrices, offsets = affine_maps(flipped, (20, 40))
    assert (matrices[0] @ [3, 0] + offsets[0]).tolist() == [3, 39]
