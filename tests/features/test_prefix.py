import numpy as np
import pytest

pytestmark = pytest.mark.keras


def cut_names(model):
    from imgclass.features.prefix import cuts

    return [layer.name for layer in cuts(model)]


@pytest.mark.parametrize(
    ("frozen", "names"),
    [
        ("sum", ["sum", "first"]),
        ("third", ["pool", "third", "sum", "first"]),
        ("norm", ["sum", "first"]),  # a sum of frozen layers learns nothing either
        ("second", ["first"]),  # two tensors pass from there on
        ("", []),
    ],
)
def test_a_cut_is_where_one_tensor_passes_and_nothing_before_it_learns(make_model, frozen, names):
    assert cut_names(make_model(frozen)) == names


def test_dropout_is_random_and_ends_the_frozen_part(make_model):
    model = make_model("third", dropout=0.5)
    model.get_layer("dropout").trainable = False
    assert cut_names(model)[0] == "pool"


def test_a_model_with_a_layer_that_is_used_twice_has_no_cuts():
    import keras
    from keras import layers

    image = layers.Input((8, 8, 3))
    twice = layers.Conv2D(3, 3, padding="same", trainable=False)
    model = keras.Model(image, layers.Dense(2)(layers.Flatten()(twice(twice(image)))))
    assert cut_names(model) == []


def test_both_parts_together_are_the_model(make_model):
    from imgclass.features.prefix import after, cuts, until

    model = make_model("third")
    images = np.random.default_rng(0).uniform(0, 255, (4, 8, 8, 3)).astype("float32")
    expected = model.predict_on_batch(images)
    for cut in cuts(model):
        features = until(model, cut).predict_on_batch(images)
        assert np.allclose(after(model, cut).predict_on_batch(features), expected, atol=1e-6)


def test_a_digest_follows_the_weights_and_not_the_precision(make_model):
    from imgclass.features.prefix import digest
    from imgclass.models.plain import plain_copy

    model = make_model()
    before = digest(model)
    assert digest(plain_copy(model)) == before
    model.get_layer("first").kernel.assign(model.get_layer("first").kernel * 2)
    assert digest(model) != before
