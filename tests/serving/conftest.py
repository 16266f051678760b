import numpy as np
import pytest

from imgclass.serving import predict


class Brightness:
    """A model by hand: the probability of `light` is the mean brightness."""

    def __init__(self):
        self.shapes = []

    def predict_on_batch(self, pixels):
        self.shapes.append(pixels.shape)
        light = pixels.astype("float64").mean(axis=(1, 2, 3)) / 255
        return np.stack([1 - light, light], axis=1).astype("float32")


@pytest.fixture
def model():
    return Brightness()


@pytest.fixture
def classify(model):
    """Predict with a model that looks at the brightness of images of 4 x 6 pixels."""

    def run(images, **options):
        options = {"class_names": ("dark", "light"), "image_size": (4, 6)} | options
        return predict(options.pop("model", model), images, **options)

    return run


@pytest.fixture
def pixels():
    """A colourful RGB image of 4 x 6 pixels."""
    return np.random.default_rng(0).integers(0, 256, (4, 6, 3), dtype=np.uint8)
