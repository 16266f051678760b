import numpy as np
import pytest

from imgclass.serving.attention import cells, evidence_maps, halves_of


def test_each_mask_hides_one_cell_and_all_of_them_hide_everything():
    masks = cells(30, 4)
    assert masks.shape == (10, 4, 30, 4)
    assert (1 - masks).sum(axis=(0, 1)).tolist() == np.ones((30, 4)).tolist()
    assert masks[0, 0, :3, 0].tolist() == [0, 0, 0]
    assert masks[0, 0].sum() == 30 * 4 - 3


@pytest.fixture(scope="module")
def red_or_green():
    """A network with weights set by hand: class 0 is how red an image is, class 1 how green."""
    import keras

    inputs = keras.Input((16, 16, 3))
    maps = keras.layers.Conv2D(3, 2, strides=2, activation="relu", use_bias=False)(inputs)
    pooled = keras.layers.GlobalAveragePooling2D()(maps)
    model = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(pooled))
    kernel = np.zeros((2, 2, 3, 3))
    kernel[:, :, range(3), range(3)] = 1 / 400
    model.set_weights([kernel, 20 * np.eye(3), np.zeros(3)])
    return model


@pytest.fixture
def image():
    """Red below on the right, green above on the left."""
    pixels = np.zeros((16, 16, 3), np.uint8)
    pixels[8:, 8:, 0] = 255
    pixels[:8, :8, 1] = 200
    return pixels


@pytest.mark.keras
def test_what_speaks_for_a_class_is_where_its_evidence_is(red_or_green, image):
    for_red, for_green = evidence_maps(
        red_or_green, np.stack([image, image]), [0, 1], [1, 0], seconds=60
    )
    assert for_red.shape == for_green.shape == (8, 8)
    assert for_red[4:, 4:].min() == pytest.approx(1, abs=1e-3)
    assert for_red[:4].max() == pytest.approx(0, abs=1e-3)
    assert for_red[:, :4].max() == pytest.approx(0, abs=1e-3)
    assert for_green[:4, :4].min() == pytest.approx(1, abs=1e-3)
    assert for_green[4:].max() == pytest.approx(0, abs=1e-3)
    assert for_green[:, 4:].max() == pytest.approx(0, abs=1e-3)


@pytest.mark.keras
def test_an_image_in_which_nothing_speaks_for_the_class_has_no_map(red_or_green):
    black = np.zeros((1, 16, 16, 3), np.uint8)
    assert list(evidence_maps(red_or_green, black, [0], [1], seconds=60)) == [None]


@pytest.mark.keras
def test_no_map_is_begun_when_the_time_is_over(red_or_green, image):
    assert list(evidence_maps(red_or_green, image[None], [0], [1], seconds=-1)) == []


@pytest.mark.keras
def test_a_model_is_divided_after_its_last_branch():
    import keras

    inputs = keras.Input((16, 16, 3))
    first = keras.layers.Conv2D(4, 1, name="first")(inputs)
    second = keras.layers.Conv2D(4, 1, name="second")(first)
    sum_of_both = keras.layers.Add(name="sum")([first, second])
    flat = keras.layers.Flatten()(sum_of_both)
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(flat))
    halves = halves_of(model)
    assert halves.features.layers[-1].name == "sum"
    batch = np.random.default_rng(0).random((2, 16, 16, 3), np.float32)
    both = halves.rest(halves.features(batch))
    assert np.allclose(keras.ops.convert_to_numpy(both), model.predict_on_batch(batch), atol=1e-6)


@pytest.mark.keras
def test_a_model_without_feature_maps_has_no_halves_and_no_maps():
    import keras

    inputs = keras.Input((1, 1, 3))
    flat = keras.layers.Flatten()(inputs)
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(flat))
    assert halves_of(model) is None
    assert list(evidence_maps(model, np.zeros((1, 1, 1, 3), np.uint8), [0], [1], seconds=9)) == []
