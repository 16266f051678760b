import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from imgclass.errors import UsageError
from imgclass.images.resizing import resize_image

SIZES = st.integers(1, 40)
FITS = ("stretch", "crop", "pad")


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("resize", FITS)
def test_an_image_that_fits_already_is_returned_itself(resize):
    image = noise(5, 7)
    assert resize_image(image, (5, 7), resize=resize) is image


@settings(deadline=None)  # a busy machine is no failure
@given(SIZES, SIZES, SIZES, SIZES, st.sampled_from(FITS))
def test_any_image_becomes_any_size(full_height, full_width, height, width, resize):
    fitted = resize_image(noise(full_height, full_width), (height, width), resize=resize)
    assert (fitted.shape, fitted.dtype) == ((height, width, 3), np.uint8)


@settings(deadline=None)  # a busy machine is no failure
@given(SIZES, SIZES, st.sampled_from(("stretch", "crop")))
def test_one_colour_stays_that_colour(height, width, resize):
    image = np.full((9, 13, 3), (10, 20, 30), np.uint8)
    assert (resize_image(image, (height, width), resize=resize) == (10, 20, 30)).all()


def test_stretching_averages_over_what_becomes_one_pixel():
    image = np.zeros((1, 4, 3), np.uint8)
    image[:, :2] = 255
    assert resize_image(image, (2, 1), resize="stretch")[:, :, 0].tolist() == [[128], [128]]


def test_cropping_takes_the_centre():
    image = np.zeros((2, 6, 3), np.uint8)
    image[:, 2:4] = 255
    assert (resize_image(image, (2, 2), resize="crop") == 255).all()


def test_padding_is_black_and_centred():
    image = np.full((2, 4, 3), 255, np.uint8)
    assert resize_image(image, (4, 4), resize="pad")[:, :, 0].tolist() == [
        [0, 0, 0, 0],
        [255, 255, 255, 255],
        [255, 255, 255, 255],
        [0, 0, 0, 0],
    ]


def test_cropping_keeps_a_pixel_where_keras_keeps_none():
    assert resize_image(noise(5, 1), (1, 32), resize="crop").shape == (1, 32, 3)


def test_padding_keeps_a_pixel_of_the_thinnest_image():
    assert resize_image(np.full((1, 5000, 3), 255, np.uint8), (32, 32), resize="pad").any()


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((2, 2, 3)),
        np.zeros((2, 2), np.uint8),
        np.zeros((2, 2, 4), np.uint8),
        np.zeros((0, 2, 3), np.uint8),
    ],
)
def test_what_is_no_rgb_image_is_refused(image):
    with pytest.raises(UsageError, match="Expected an image of uint8"):
        resize_image(image, (2, 2))


@pytest.mark.parametrize(
    ("size", "resize"), [((0, 2), "stretch"), ((2, -1), "pad"), ((2, 2), "fill")]
)
def test_a_size_or_fit_that_cannot_be_is_refused(size, resize):
    with pytest.raises(UsageError, match=r"Expected (image_size|resize)"):
        resize_image(noise(3, 3), size, resize=resize)


@pytest.mark.keras
@pytest.mark.parametrize(("resize", "keep"), [("stretch", False), ("crop", True)])
@pytest.mark.parametrize("full", [(32, 32), (33, 50), (50, 33), (7, 90), (64, 48)])
@pytest.mark.parametrize("size", [(32, 32), (20, 31), (31, 20), (64, 10)])
def test_stretch_and_crop_are_what_keras_load_img_does(resize, keep, full, size):
    from keras.utils import load_img

    image = noise(*full)
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    theirs = load_img(file, target_size=size, interpolation="bilinear", keep_aspect_ratio=keep)
    np.testing.assert_array_equal(resize_image(image, size, resize=resize), np.asarray(theirs))
