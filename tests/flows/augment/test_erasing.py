import numpy as np
import pytest

from imgclass.flows.augment.erasing import draw_erasures, erase


def draw(probability: float, size: tuple[int, int] = (32, 24), n: int = 4_000):
    return draw_erasures(probability, size, n=n, rng=np.random.default_rng(0))


def test_so_many_images_are_erased_as_the_probability_says():
    boxes = draw(0.25).boxes
    assert (boxes[:, 1] > boxes[:, 0]).mean() == pytest.approx(0.25, abs=0.02)


def test_a_rectangle_lies_inside_and_has_a_size_and_form_of_the_paper():
    top, bottom, left, right = draw(1.0, (64, 64)).boxes.T
    assert top.min() == left.min() == 0
    assert bottom.max() == right.max() == 64
    area = (bottom - top) * (right - left) / 64**2
    assert area.min() > 0.015
    assert area.max() < 0.36
    aspect = (right - left) / (bottom - top)
    assert 0.25 < aspect.min() < 0.35
    assert 2.9 < aspect.max() < 4
    assert (aspect > 1).mean() == pytest.approx(0.5, abs=0.03)


def test_only_the_rectangle_becomes_noise():
    erasures = draw(1.0, (32, 24), n=8)
    images = np.full((8, 32, 24, 3), 7, np.uint8)
    erased = erase(images, erasures)
    for image, (top, bottom, left, right) in zip(erased, erasures.boxes, strict=True):
        inside = image[top:bottom, left:right]
        assert len(np.unique(inside)) > min(inside.size, 100) / 4
        rest = image.copy()
        rest[top:bottom, left:right] = 7
        assert (rest == 7).all()
    assert (images == 7).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (2, 3)])
def test_the_smallest_images_can_be_erased(size):
    images = np.zeros((50, *size, 3), np.uint8)
    assert erase(images, draw(1.0, size, n=50)).any()


def test_more_images_leave_the_rectangles_of_the_first_ones_as_they_were():
    assert (draw(0.5, n=5).boxes == draw(0.5, n=50).boxes[:5]).all()
