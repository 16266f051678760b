import numpy as np
import pytest

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def model():
    from imgclass.models import ModelSpec, architectures

    return architectures.get("cnn")(ModelSpec(image_size=(8, 8), depth=2, width=8), 3)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3)).astype("float32")


def test_an_image_and_its_mirror_image_count_the_same(model, images):
    from imgclass.models.mirroring import average_mirrored

    mean = (model.predict_on_batch(images) + model.predict_on_batch(images[:, :, ::-1])) / 2
    both = average_mirrored(model)
    np.testing.assert_allclose(both.predict_on_batch(images), mean, atol=1e-6)
    np.testing.assert_allclose(both.predict_on_batch(images[:, :, ::-1]), mean, atol=1e-6)


def test_it_comes_back_from_its_file(model, images, tmp_path):
    import keras

    from imgclass.models.mirroring import average_mirrored

    both = average_mirrored(model)
    both.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_allclose(
        loaded.predict_on_batch(images), both.predict_on_batch(images), atol=1e-6
    )
