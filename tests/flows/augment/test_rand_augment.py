from dataclasses import replace

import numpy as np
import pytest

from imgclass.flows.augment import rand_augment
from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.augment.colours import brightness_tables, look_up
from imgclass.flows.augment.rand_augment import (
    NUMBERS,
    OPERATIONS,
    Operations,
    apply_operations,
    draw_operations,
    move_maps,
)

TWICE = Augmentation(rand_augment=2)
STRONGEST = Augmentation(rand_augment=1, magnitude=30, fill_mode="constant")


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (30, 12, 8, 3), dtype=np.uint8)


def only(*names: str, n: int, sign: float = 1.0) -> Operations:
    """Return these operations, one after another, for every image."""
    kinds = np.tile([NUMBERS[name] for name in names], (n, 1))
    return Operations(kinds, np.full(kinds.shape, sign))


def test_all_operations_and_both_sides_are_equally_frequent():
    drawn = draw_operations(5_000, rounds=3, rng=np.random.default_rng(0))
    assert drawn.kinds.shape == (5_000, 3)
    shares = np.bincount(drawn.kinds.ravel(), minlength=14) / drawn.kinds.size
    assert shares == pytest.approx([1 / 14] * 14, abs=0.01)
    assert drawn.signs.mean() == pytest.approx(0, abs=0.02)
    assert set(np.unique(drawn.signs)) == {-1.0, 1.0}


def test_more_images_leave_the_operations_of_the_first_ones_as_they_were():
    few, many = (draw_operations(n, rounds=2, rng=np.random.default_rng(1)) for n in (5, 50))
    assert (few.kinds == many[:5].kinds).all()
    assert (few.signs == many[:5].signs).all()


def test_operations_come_one_after_another(images):
    both = apply_operations(images, only("brightness", "equalize", n=30), augmentation=TWICE)
    first = apply_operations(images, only("brightness", n=30), augmentation=TWICE)
    assert (both == apply_operations(first, only("equalize", n=30), augmentation=TWICE)).all()


def test_the_identity_and_the_given_images_stay_as_they_were(images):
    before = images.copy()
    assert (apply_operations(images, only("identity", n=30), augmentation=TWICE) == before).all()
    apply_operations(images, only("equalize", n=30), augmentation=TWICE)
    assert (images == before).all()


def test_the_magnitude_goes_from_nothing_to_torchvisions_strongest(images):
    darker = apply_operations(images, only("brightness", n=30, sign=-1.0), augmentation=STRONGEST)
    assert (darker == look_up(images, brightness_tables(np.full(30, 0.1, np.float32)))).all()
    still = replace(STRONGEST, magnitude=0)
    for name in ("shear_x", "translate_y", "rotate", "brightness", "contrast", "posterize"):
        assert (apply_operations(images, only(name, n=30), augmentation=still) == images).all()


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("translate_x", [2, 4 + 150 / 331 * 8]),
        ("translate_y", [2 + 150 / 331 * 12, 4]),
        ("shear_x", [2, 4 - 0.3 * 3.5]),  # 3.5 rows above the centre
        ("shear_y", [2 + 0.3 * 0.5, 4]),  # half a column right of it
    ],
)
def test_a_move_reads_from_torchvisions_place_about_the_centre(name, place):
    (matrix,), (offset,) = move_maps(np.array([NUMBERS[name]]), np.ones(1), (12, 8))
    assert matrix @ [2, 4] + offset == pytest.approx(place)


def test_a_rotation_by_the_strongest_magnitude_is_one_by_30_degrees():
    (matrix,), (offset,) = move_maps(np.array([NUMBERS["rotate"]]), np.ones(1), (9, 9))
    assert np.arccos(matrix[0, 0]) == pytest.approx(np.pi / 6)
    assert np.linalg.det(matrix) == pytest.approx(1)
    assert matrix @ [4, 4] + offset == pytest.approx([4, 4])


def test_what_stands_outside_is_what_the_augmentation_says(images):
    white = replace(STRONGEST, cval=255.0, interpolation_order=0)
    moved = apply_operations(images, only("translate_x", n=30), augmentation=white)
    assert (moved[:, :, -3:] == 255).all()
    assert (moved[:, :, :4] == images[:, :, 4:]).all()


def test_an_image_does_not_depend_on_the_others_in_its_batch(images, monkeypatch):
    operations = draw_operations(30, rounds=2, rng=np.random.default_rng(2))
    together = apply_operations(images, operations, augmentation=TWICE)
    monkeypatch.setattr(rand_augment, "BLOCK_PIXELS", 1)
    assert (apply_operations(images, operations, augmentation=TWICE) == together).all()
    assert len(np.unique(operations.kinds)) == len(OPERATIONS)
