import keras
import numpy as np
import pytest

from imgclass.training.small_sample import learn_by_heart

pytestmark = pytest.mark.keras


def small_model(classes):
    inputs = keras.Input((4, 4, 3))
    hidden = keras.layers.Dense(32, "relu")(keras.layers.Flatten()(inputs))
    return keras.Model(inputs, keras.layers.Dense(classes, "softmax")(hidden))


@pytest.fixture
def images():
    return np.random.default_rng(0).normal(0, 1, (24, 4, 4, 3)).astype(np.float32)


def test_a_network_learns_labels_without_a_signal_by_heart(images):
    labels = np.eye(3, dtype=np.float32)[np.random.default_rng(1).integers(0, 3, 24)]
    assert learn_by_heart(small_model(3), images, labels, seed=0) >= 0.95 * 24


def test_a_network_that_sees_no_difference_does_not(images):
    labels = np.eye(3, dtype=np.float32)[np.arange(24) % 3]
    assert learn_by_heart(small_model(3), 0 * images, labels, seed=0) <= 12
