from functools import partial

import numpy as np
import pytest

pytestmark = pytest.mark.keras


@pytest.fixture
def packed():
    """Return the context, on a processor that has the unit for it."""
    from imgclass.training import packed_convolutions

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packed_convolutions, "has_bfloat16_matrices", lambda: True)
        yield packed_convolutions.packed_convolutions


def convolution(**options):
    import keras

    return keras.layers.Conv2D(5, **({"kernel_size": 3, "padding": "same"} | options))


@pytest.fixture
def model():
    import keras

    layers = [keras.layers.Input((8, 8, 3)), convolution(dtype="mixed_bfloat16"), convolution()]
    return keras.Sequential(layers)


def is_packing(layer):
    return "convolution_op" in vars(layer)


def gradients(function, maps, kernel, change):
    import tensorflow as tf

    maps, kernel = tf.constant(maps), tf.constant(kernel)
    with tf.GradientTape() as tape:
        tape.watch([maps, kernel])
        out = function(maps, kernel)
    return out, *tape.gradient(out, [maps, kernel], output_gradients=change)


@pytest.mark.parametrize("images", [1, 8, 19])
@pytest.mark.parametrize(
    ("shape", "kernel_size"),
    [
        ((8, 8), (3, 3)),
        ((4, 4), (3, 3)),
        ((2, 3), (3, 3)),
        ((7, 5), (5, 5)),
        ((6, 8), (1, 3)),
        ((3, 15), (3, 3)),
    ],
)
def test_the_gradients_are_those_of_keras(images, shape, kernel_size):
    from imgclass.training.packed_convolutions import _convolve

    chance = np.random.default_rng(0)
    maps = chance.normal(size=(images, *shape, 3)).astype("float32")
    kernel = chance.normal(size=(*kernel_size, 3, 5)).astype("float32")
    change = chance.normal(size=(images, *shape, 5)).astype("float32")
    layer = convolution(kernel_size=kernel_size)
    ours = gradients(partial(_convolve, layer), maps, kernel, change)
    keras_s = gradients(layer.convolution_op, maps, kernel, change)
    for one, other in zip(ours, keras_s, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("width", "is_small"), [(1, True), (4, True), (5, True), (15, True), (16, False)]
)
def test_maps_are_packed_of_which_two_fit_into_a_row(width, is_small, monkeypatch):
    from imgclass.training import packed_convolutions

    seen, pack = [], packed_convolutions._packed
    monkeypatch.setattr(
        packed_convolutions, "_packed", lambda *args, **of: seen.append(1) or pack(*args, **of)
    )
    maps, kernel = np.ones((2, 4, width, 3), "float32"), np.ones((3, 3, 3, 5), "float32")
    function = partial(packed_convolutions._convolve, convolution())
    gradients(function, maps, kernel, np.ones((2, 4, width, 5), "float32"))
    assert bool(seen) == is_small


def test_convolutions_in_bfloat16_pack_inside_only_even_after_an_error(model, packed):
    import keras

    inside = []

    def fail():
        with packed(model):
            inside.extend(map(is_packing, model.layers))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert inside == [True, False]
    assert not is_packing(model.layers[0])
    assert type(model.layers[0]) is keras.layers.Conv2D


def test_nested_use_changes_nothing(model, packed):
    with packed(model):
        with packed(model):
            pass
        assert is_packing(model.layers[0])
    assert not is_packing(model.layers[0])


def test_a_processor_without_the_unit_packs_nothing(model, packed, monkeypatch):
    from imgclass.training import packed_convolutions

    monkeypatch.setattr(packed_convolutions, "has_bfloat16_matrices", lambda: False)
    with packed(model):
        assert not is_packing(model.layers[0])


@pytest.mark.parametrize(
    "options",
    [{"strides": 2}, {"padding": "valid"}, {"dilation_rate": 2}, {"kernel_size": 4},
     {"kernel_size": 1}, {"groups": 5, "filters": 5}],
    ids=str,
)  # fmt: skip
def test_other_convolutions_are_left_to_keras(options, packed):
    import keras

    layer = keras.layers.Conv2D(
        **({"filters": 5, "kernel_size": 3, "padding": "same"} | options), dtype="mixed_bfloat16"
    )
    model = keras.Sequential([keras.layers.Input((8, 8, 5)), layer])
    with packed(model):
        assert not is_packing(layer)


def test_a_file_saved_in_training_is_of_keras_own_layers(model, packed, tmp_path):
    import keras

    with packed(model):
        model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert [type(layer) for layer in loaded.layers] == [keras.layers.Conv2D] * 2
