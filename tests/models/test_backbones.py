import importlib
import os

import numpy as np
import pytest

from imgclass import ModelSpec, architectures
from imgclass.errors import UsageError
from imgclass.models.weights import load_backbone

pytestmark = pytest.mark.keras

# name: (function, module of its preprocess_input)
BACKBONES = {
    "resnet50": ("ResNet50", "resnet50"),
    "resnet50v2": ("ResNet50V2", "resnet_v2"),
    "resnet101": ("ResNet101", "resnet"),
    "mobilenetv2": ("MobileNetV2", "mobilenet_v2"),
    "mobilenetv3small": ("MobileNetV3Small", "mobilenet_v3"),
    "mobilenetv3large": ("MobileNetV3Large", "mobilenet_v3"),
    "efficientnetb0": ("EfficientNetB0", "efficientnet"),
    "efficientnetv2b0": ("EfficientNetV2B0", "efficientnet_v2"),
    "convnexttiny": ("ConvNeXtTiny", "convnext"),
    "densenet121": ("DenseNet121", "densenet"),
    "xception": ("Xception", "xception"),
    "inceptionv3": ("InceptionV3", "inception_v3"),
    "nasnetmobile": ("NASNetMobile", "nasnet"),
}
# Those whose `preprocess_input` does nothing, since the network has layers for it.
BY_THEMSELVES = ("mobilenetv3", "efficientnet", "convnext")
# Between them they have every kind of layer that the others have. `IMGCLASS_CHECK_ALL=1 pytest
# tests/models tests/testing` builds all of them, in minutes.
BUILT = ("convnexttiny", "efficientnetv2b0", "mobilenetv3small", "xception")
if os.environ.get("IMGCLASS_CHECK_ALL") == "1":
    BUILT = tuple(BACKBONES)


def build(name, num_classes=3, **knobs):
    architecture = architectures[name]
    side = architecture.info.minimum_size
    knobs = {"width": 8, "image_size": (side, side + 8)} | knobs
    return architecture(ModelSpec(**knobs), num_classes)


def images(model, n=2):
    shape = (n, *model.input_shape[1:])
    return np.random.default_rng(0).integers(0, 256, shape).astype("float32")


@pytest.mark.parametrize("name", [*BACKBONES, "vgg16", "vgg19"])
def test_it_preprocesses_as_keras_does(name, monkeypatch):
    import keras

    function, module = BACKBONES.get(name, (name.upper(), name))
    preprocess_input = importlib.import_module(f"keras.applications.{module}").preprocess_input

    def one_layer(*, input_tensor, **_):
        features = keras.layers.Conv2D(4, 3, padding="same", name="first")(input_tensor)
        return keras.Model(keras.utils.get_source_inputs(input_tensor), features)

    monkeypatch.setattr(keras.applications, function, one_layer)
    model = build(name)
    raw = images(model)
    expected = preprocess_input(raw.copy())
    reached = keras.Model(model.input, model.get_layer("first").input)(raw)
    np.testing.assert_allclose(reached, expected, rtol=0, atol=1e-5 * np.abs(expected).max())
    assert np.array_equal(reached, raw) == name.startswith(BY_THEMSELVES)


@pytest.fixture(scope="module", params=BUILT)
def built(request):
    """Each of them, built once."""
    return request.param, build(request.param, l2=1e-3, dropout=0.3)


def test_it_is_a_flat_graph_from_raw_images_to_probabilities(built):
    import keras

    _, model = built
    assert not [layer for layer in model.layers if isinstance(layer, keras.Model)]
    keras.Model(model.input, [layer.output for layer in model.layers])  # each in one graph
    probabilities = np.asarray(model(images(model), training=False))
    assert probabilities.shape == (2, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_one_without_preprocessing_has_layers_of_its_own_for_it(built):
    name, model = built
    kinds = [type(layer).__name__ for layer in model.layers[:2] if layer.name != "preprocess"]
    assert bool({"Rescaling", "Normalization"} & set(kinds)) == name.startswith(BY_THEMSELVES)


def test_l2_penalizes_every_kernel_that_learns(built):
    _, model = built
    kernels = [v for v in model.trainable_variables if v.path.endswith("kernel")]
    expected = sum(1e-3 * float((np.asarray(kernel) ** 2).sum()) for kernel in kernels)
    assert sum(map(float, model.losses)) == pytest.approx(expected, rel=1e-3)


def test_it_is_saved_and_loaded_with_its_own_kinds_of_layers(built, tmp_path):
    import keras

    _, model = built
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    raw = images(model)
    np.testing.assert_array_equal(again(raw, training=False), model(raw, training=False))


@pytest.mark.parametrize("name", BACKBONES)
def test_images_below_the_minimum_size_are_refused(name):
    side = architectures[name].info.minimum_size
    with pytest.raises(UsageError, match=rf"both at least {side}.*--image-size {side}"):
        build(name, image_size=(side, side - 1))


def test_batch_normalisation_of_a_frozen_backbone_infers_while_the_head_trains():
    model = build("mobilenetv3small", trainable=False)
    norms = [layer for layer in model.layers if "Normalization" in type(layer).__name__]
    before = [np.array(norm.moving_mean) for norm in norms]
    raw = images(model)
    training, inferring = model(raw, training=True), model(raw, training=False)
    np.testing.assert_array_equal(training, inferring)
    for norm, mean in zip(norms, before, strict=True):
        np.testing.assert_array_equal(norm.moving_mean, mean)
    assert len(norms) > 30


def test_batch_normalisation_of_a_backbone_that_learns_follows_the_images():
    model = build("mobilenetv3small")
    norm = next(layer for layer in model.layers if "BatchNormalization" in type(layer).__name__)
    before = np.array(norm.moving_mean)
    model(images(model), training=True)
    assert (np.array(norm.moving_mean) != before).any()


def test_an_efficientnet_is_the_same_by_the_name_and_by_the_path_of_its_weights(
    tmp_path, monkeypatch
):
    import keras

    donor = keras.applications.EfficientNetB0(include_top=False, weights=None)
    normalization = next(la for la in donor.layers if type(la).__name__ == "Normalization")
    normalization.set_weights(
        [np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225]), np.array(0)]
    )
    path = tmp_path / "efficientnetb0.weights.h5"
    donor.save_weights(path)
    module = importlib.import_module("keras.src.applications.efficientnet")
    monkeypatch.setattr(module.file_utils, "get_file", lambda *_, **__: str(path))
    models = [build("efficientnetb0", weights=weights) for weights in ("imagenet", str(path))]
    raw = images(models[0])
    features = [
        np.asarray(keras.Model(m.input, m.get_layer("stem_conv").output)(raw)) for m in models
    ]
    np.testing.assert_allclose(*features, rtol=1e-4, atol=1e-4)


def test_layers_that_keras_nests_in_another_model_keep_their_weights_when_laid_flat():
    import keras
    from keras import layers

    def nested(*, input_tensor, **_):
        block = keras.Sequential([layers.Conv2D(4, 3), layers.BatchNormalization()])
        features = layers.Conv2D(2, 1)(block(input_tensor))
        original.append(keras.Model(input_tensor, features))
        return original[0]

    original = []
    image = layers.Input((8, 8, 3))
    flat = keras.Model(image, load_backbone(nested, image, spec=ModelSpec()))
    assert [type(layer).__name__ for layer in flat.layers[1:3]] == ["Conv2D", "BatchNormalization"]
    np.testing.assert_array_equal(flat(images(flat)), original[0](images(flat)))
