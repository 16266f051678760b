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


def test_the_kernel_is_lent_for_the_training_only_even_if_it_fails(make_model):
    import keras

    from imgclass.training.normalization import fused_normalization

    model, inside = make_model(), []

    def fail():
        with fused_normalization(model):
            inside.append(type(model.layers[2]))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()

    assert inside != [keras.layers.BatchNormalization]
    assert type(model.layers[2]) is keras.layers.BatchNormalization


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


@pytest.mark.parametrize("options", [{"scale": False}, {"axis": 1}, {"epsilon": 1e-6}], ids=str)
def test_what_the_kernel_cannot_do_is_left_to_keras(make_model, options):
    import keras

    from imgclass.training.normalization import fused_normalization

    model = make_model(**options)
    with fused_normalization(model):
        assert type(model.layers[2]) is keras.layers.BatchNormalization
