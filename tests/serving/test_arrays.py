import re

import numpy as np
import pytest

from imgclass.errors import ImageError
from imgclass.serving.arrays import ArrayReader

GREY = np.arange(24, dtype=np.uint8).reshape(4, 6) * 10


def read(*arrays):
    reader = ArrayReader()
    return [image for array in arrays for image in reader.images(array)]


def error_of(*arrays):
    error = read(*arrays)[-1]
    assert isinstance(error, ImageError)
    return str(error)


@pytest.mark.parametrize(
    "convert",
    [
        lambda image: image.astype("float32"),
        lambda image: image.astype("float64") / 255,
        lambda image: image.astype("float32") / 255,
        lambda image: (image / 255).astype("float16"),
        lambda image: image.astype("int64"),
        lambda image: np.dstack([image, np.full((4, 6, 1), 255, np.uint8)]),
        lambda image: image[None],
    ],
    ids=["float 0-255", "float 0-1", "float32 0-1", "float16 0-1", "int64", "RGBA", "batch"],
)
def test_every_form_of_an_array_is_the_same_image(pixels, convert):
    [image] = read(convert(pixels))
    np.testing.assert_array_equal(image, pixels)


@pytest.mark.parametrize("array", [GREY, GREY[..., None], GREY / 255], ids=["2", "3", "float"])
def test_grey_is_the_same_in_all_channels(array):
    [image] = read(array)
    np.testing.assert_array_equal(image, np.dstack([GREY] * 3))


def test_transparency_is_laid_on_white(pixels):
    [image] = read(np.dstack([pixels, np.zeros((4, 6, 1), np.uint8)]))
    assert image.min() == 255


def test_fractions_are_rounded_to_the_nearest():
    [image] = read(np.array([[99.6, 200.4]]))
    assert image[0, :, 0].tolist() == [100, 200]


def test_a_batch_has_one_range_so_that_a_dark_image_in_it_stays_dark():
    bright, dark = read(np.stack([np.full((1, 1, 3), 200.0), np.full((1, 1, 3), 1.0)]))
    assert (bright.max(), dark.max()) == (200, 1)


def test_a_black_image_fits_every_range():
    images = read(np.zeros((1, 1)), np.full((1, 1), 0.5), np.zeros((1, 1)))
    assert [image.max() for image in images] == [0, 128, 0]


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.full((4, 6), 1.5), "which may be either"),
        (np.full((4, 6), 255.5), r"received 255\.5 to 255\.5"),
        (np.linspace(-1, 1, 24).reshape(4, 6), "received -1 to 1. Give raw pixels"),
        (np.full((4, 6), 65535, np.uint16), "received 65535 to 65535"),
        (np.where(GREY > 100, np.nan, 1.0), "with NaN or infinity"),
        (np.where(GREY > 100, np.inf, 1.0), "with NaN or infinity"),
        (np.ones((4, 6), bool), "received bool"),
        (np.ones((4, 6), complex), "received complex128"),
        (np.zeros((3, 4, 6), np.uint8), r"np\.moveaxis\(array, -3, -1\)"),
        (np.zeros((9, 3, 4, 6), np.uint8), r"np\.moveaxis\(array, -3, -1\)"),
        (np.zeros((50, 8, 8), np.uint8), r"give array\[\.\.\., None\]"),
        (np.zeros((0, 6, 3), np.uint8), r"the shape \(0, 6, 3\)"),
        (np.zeros((1, 1, 4, 6, 3), np.uint8), r"the shape \(1, 1, 4, 6, 3\)"),
    ],
)  # fmt: skip
def test_an_array_that_is_no_image_or_ambiguous_is_refused_with_the_reason(array, words):
    assert re.search(words, error_of(array))


def test_floats_of_both_ranges_in_one_call_are_refused(pixels):
    assert "Expected floats in 0-255, as in the arrays before" in error_of(
        pixels.astype(float), pixels / 255
    )
    assert "Expected floats in 0-1, as" in error_of(pixels / 255, pixels.astype(float))


def test_one_bad_image_of_a_batch_spoils_no_other():
    batch = np.full((3, 4, 6, 3), 0.5)
    batch[1, 0, 0, 0] = np.nan
    first, bad, last = read(batch)
    assert isinstance(bad, ImageError)
    assert first.max() == last.max() == 128
