import subprocess
import sys

import numpy as np
import pytest

pytestmark = pytest.mark.keras


@pytest.fixture
def make_model():
    import keras
    from keras import layers

    def make(**options):
        keras.utils.set_random_seed(0)
        inputs = layers.Input((4, 4, 3))
        features = layers.Conv2D(4, 3, padding="same")(inputs)
        features = layers.BatchNormalization(momentum=0.5, **options)(features)
        model = keras.Model(inputs, layers.Dense(2)(layers.Flatten()(features)))
        model.compile(keras.optimizers.SGD(0.1), "mse")
        return model

    return make


@pytest.fixture
def images():
    return np.random.default_rng(0).uniform(0, 5, (6, 4, 4, 3)).astype("float32")


def fit(model, images):
    model.fit(images, np.eye(2)[[0, 1] * 3], epochs=3, batch_size=6, verbose=0)
    return model.get_weights()


def test_a_model_is_trained_to_the_same_weights(make_model, images):
    from imgclass.training.normalization import fused_normalization

    model = make_model()
    with fused_normalization(model):
        fused = fit(model, images)

    for ours, keras_s in zip(fused, fit(make_model(), images), strict=True):
        np.testing.assert_allclose(ours, keras_s, rtol=1e-4, atol=1e-5)


def test_the_training_inside_uses_the_kernel(make_model, images, monkeypatch):
    import tensorflow as tf

    from imgclass.training.normalization import fused_normalization

    used, kernel = [], tf.compat.v1.nn.fused_batch_norm
    monkeypatch.setattr(
        tf.compat.v1.nn,
        "fused_batch_norm",
        lambda *args, **options: used.append(1) or kernel(*args, **options),
    )
    model = make_model()
    with fused_normalization(model):
        fit(model, images)
    assert used


def is_lent(layer):
    return "call" in vars(layer)


def test_the_kernel_is_used_inside_only_even_after_an_error(make_model):
    import keras

    from imgclass.training.normalization import fused_normalization

    model, inside = make_model(), []

    def fail():
        with fused_normalization(model):
            inside.append(is_lent(model.layers[2]))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()

    assert inside == [True]
    assert not is_lent(model.layers[2])
    assert type(model.layers[2]) is keras.layers.BatchNormalization


def test_nested_use_changes_nothing(make_model, images):
    from imgclass.training.normalization import fused_normalization

    model = make_model()
    with fused_normalization(model):
        with fused_normalization(model):
            pass
        assert is_lent(model.layers[2])
        fit(model, images)
    assert not is_lent(model.layers[2])


# R4
@pytest.mark.thorough
def test_a_file_saved_in_training_needs_only_keras(make_model, images, tmp_path):
    import keras

    from imgclass.training.normalization import fused_normalization

    file, model = tmp_path / "epoch.keras", make_model()
    with fused_normalization(model):
        checkpoint = keras.callbacks.ModelCheckpoint(file)
        model.fit(images, np.eye(2)[[0, 1] * 3], verbose=0, callbacks=[checkpoint])

    script = (
        "import sys, keras\n"
        "model = keras.saving.load_model(sys.argv[1], compile=False)\n"
        "assert type(model.layers[2]) is keras.layers.BatchNormalization\n"
        "assert 'imgclass' not in sys.modules\n"
        "print(*model.layers[2].get_weights()[2])"
    )
    done = subprocess.run([sys.executable, "-c", script, file], capture_output=True, check=True)
    kept = np.array(done.stdout.split(), dtype="float32")
    np.testing.assert_allclose(kept, model.layers[2].get_weights()[2], rtol=1e-5)


def test_a_frozen_normalization_keeps_its_statistics(make_model, images):
    from imgclass.training.normalization import fused_normalization

    model = make_model()
    model.layers[2].trainable = False
    model.compile("sgd", "mse")
    before = model.layers[2].get_weights()
    with fused_normalization(model):
        fit(model, images)

    for now, then in zip(model.layers[2].get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize(
    "options",
    [
        {"scale": False},
        {"axis": 1},
        {"epsilon": 1e-6},
        {"dtype": "float64"},
        {"dtype": "bfloat16"},
        {"dtype": "float16"},
    ],
    ids=str,
)
def test_cases_that_the_kernel_does_not_have_are_left_to_keras(make_model, options):
    from imgclass.training.normalization import fused_normalization

    model = make_model(**options)
    with fused_normalization(model):
        assert not is_lent(model.layers[2])
