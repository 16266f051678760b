import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from imgclass.flows.augment.colours import (
    autocontrast_tables,
    brightness_tables,
    contrast_tables,
    equalize_tables,
    look_up,
    posterize_tables,
    saturate,
    sharpen,
    solarize_tables,
)


@pytest.fixture(params=[(9, 13), (40, 50), (2, 2), (1, 1)], ids=str)
def images(request):
    """Noise, noise of few levels, an even image, and images with an even channel."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (24, *request.param, 3), dtype=np.uint8)
    images[8:16] = rng.integers(100, 130, images[8:16].shape)
    images[16] = 7
    images[17:20, ..., 0] = 3
    return images


@pytest.fixture
def factors(images):
    return np.random.default_rng(1).uniform(0.1, 1.9, len(images)).astype(np.float32)


def each(images, change, *arguments):
    """Return what Pillow gives for one image after another."""
    rows = zip(images, *arguments, strict=True)
    return np.stack([np.asarray(change(Image.fromarray(image), *rest)) for image, *rest in rows])


@pytest.mark.parametrize(
    ("enhance", "theirs"),
    [
        (lambda x, f: look_up(x, brightness_tables(f)), ImageEnhance.Brightness),
        (lambda x, f: look_up(x, contrast_tables(x, f)), ImageEnhance.Contrast),
        (saturate, ImageEnhance.Color),
        (sharpen, ImageEnhance.Sharpness),
    ],
    ids=["brightness", "contrast", "color", "sharpness"],
)
def test_an_enhancement_gives_pillows_pixels(enhance, theirs, images, factors):
    expected = each(images, lambda image, factor: theirs(image).enhance(float(factor)), factors)
    assert (enhance(images, factors) == expected).all()


@pytest.mark.parametrize(
    ("tables", "theirs"),
    [
        (lambda x: posterize_tables(len(x), bits=5), lambda x: ImageOps.posterize(x, 5)),
        (lambda x: solarize_tables(len(x), threshold=99.5), lambda x: ImageOps.solarize(x, 99.5)),
        (autocontrast_tables, ImageOps.autocontrast),
        (equalize_tables, ImageOps.equalize),
    ],
    ids=["posterize", "solarize", "autocontrast", "equalize"],
)
def test_an_operation_gives_pillows_pixels(tables, theirs, images):
    assert (look_up(images, tables(images)) == each(images, theirs)).all()


def test_a_factor_of_one_changes_nothing(images):
    ones = np.ones(len(images), np.float32)
    for changed in (
        look_up(images, brightness_tables(ones)),
        look_up(images, contrast_tables(images, ones)),
        saturate(images, ones),
        sharpen(images, ones),
    ):
        assert (changed == images).all()
