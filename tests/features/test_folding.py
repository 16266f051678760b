import numpy as np
import pytest

pytestmark = pytest.mark.keras


@pytest.fixture
def network():
    """Convolutions of each kind under normalisations that have seen something."""
    import keras
    from keras import layers

    image = layers.Input((8, 8, 3))
    x = layers.BatchNormalization(name="alone")(layers.Rescaling(1 / 255)(image))
    x = layers.Conv2D(6, 3, use_bias=False, name="conv")(x)
    x = layers.BatchNormalization(name="conv_norm")(x)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, name="depthwise")(x)
    x = layers.BatchNormalization(scale=False, name="depthwise_norm")(x)
    kept = layers.Conv2D(4, 1, name="twice")(x)
    x = layers.Add(name="sum")([kept, layers.BatchNormalization(name="twice_norm")(kept)])
    x = layers.Conv2D(4, 1, activation="relu", name="active")(x)
    x = layers.BatchNormalization(center=False, name="active_norm")(x)
    model = keras.Model(image, layers.GlobalAveragePooling2D(name="pool")(x))
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 2.0, w.shape) for w in layer.get_weights()])
    return model


def test_a_folded_network_computes_the_same(network):
    from imgclass.features.folding import folded

    images = np.random.default_rng(1).uniform(0, 255, (4, 8, 8, 3)).astype("float32")
    expected = network.predict_on_batch(images)
    assert np.allclose(folded(network).predict_on_batch(images), expected, rtol=1e-4, atol=1e-5)


def test_only_what_a_convolution_can_take_over_is_folded(network):
    from imgclass.features.folding import folded

    names = {layer.name for layer in folded(network).layers}
    assert {"alone", "twice_norm", "active_norm"} <= names
    assert names.isdisjoint({"conv_norm", "depthwise_norm"})


def test_the_network_itself_is_left_as_it_is(network):
    from imgclass.features.folding import folded

    before = network.get_weights()
    folded(network)
    assert all(map(np.array_equal, before, network.get_weights()))
