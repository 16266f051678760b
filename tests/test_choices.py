import pytest

from imgclass import choices
from imgclass.choices import choose_architecture, choose_augmentation, choose_spec
from imgclass.data.manifest import Manifest, Sample
from imgclass.flows import PRESETS
from imgclass.models.spec import ArchitectureInfo, ModelSpec

PRETRAINED = ArchitectureInfo("A backbone.", depth=1, width=8, weights_package="weights")
ABSENT = ArchitectureInfo("A backbone.", depth=1, width=8, weights_package="no_such_package")
PLAIN = ArchitectureInfo("A network.", depth=1, width=8)


def manifest(width, height):
    return Manifest(("cat",), (Sample("a", "cat", "train", "0" * 64, width, height, "a"),))


@pytest.fixture
def weights(monkeypatch):
    """The packages of weights that are installed."""
    monkeypatch.setattr(choices, "find_packaged_weights", lambda package: package)
    monkeypatch.setattr(choices, "weights_at_hand", lambda info: info.weights_package == "weights")


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize(
    ("size", "chosen"),
    [((96, 96), "efficientnet_lite0"), ((500, 95), "cnn"), ((32, 32), "cnn")],
)
def test_photographs_take_the_pretrained_network_and_small_pictures_the_cnn(size, chosen):
    assert choose_architecture("auto", manifest(*size)) == chosen


def test_photographs_take_the_cnn_where_no_weights_are_at_hand(monkeypatch):
    monkeypatch.setattr(choices, "find_packaged_weights", {}.get)
    assert choose_architecture("auto", manifest(500, 375)) == "cnn"


@pytest.mark.usefixtures("weights")
def test_a_name_that_was_asked_for_is_kept():
    assert choose_architecture("resnet", manifest(500, 375)) == "resnet"


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize(
    ("asked", "info", "expected", "trainable"),
    [
        (ModelSpec(), PRETRAINED, "imagenet", False),
        (ModelSpec(), ABSENT, "random", True),
        (ModelSpec(), PLAIN, None, True),
        (ModelSpec(weights="random"), PRETRAINED, "random", True),
        (ModelSpec(weights="imagenet"), PLAIN, "imagenet", False),
        (ModelSpec(trainable=True), PRETRAINED, "imagenet", True),
    ],
)
def test_weights_at_hand_are_taken_and_a_pretrained_backbone_is_frozen(
    asked, info, expected, trainable
):
    spec = choose_spec(asked, info, manifest(500, 375), has_phases=False)
    assert (spec.weights, spec.trainable) == (expected, trainable)


@pytest.mark.usefixtures("weights")
def test_few_photographs_are_seen_larger_by_a_pretrained_network():
    few, many = manifest(500, 375), Manifest(("cat",), manifest(500, 375).samples * 1_001)
    sizes = [
        choose_spec(ModelSpec(), info, images, has_phases=False).image_size
        for info, images in ((PRETRAINED, few), (PRETRAINED, many), (PLAIN, few))
    ]
    assert sizes == [(288, 288), (224, 224), (224, 224)]


@pytest.mark.usefixtures("weights")
def test_a_backbone_that_a_later_phase_trains_is_not_frozen_for_good():
    assert choose_spec(ModelSpec(), PRETRAINED, manifest(9, 9), has_phases=True).trainable


def test_a_frozen_backbone_sees_unchanged_images_unless_asked_otherwise():
    frozen, learning = ModelSpec(trainable=False), ModelSpec(trainable=True)
    assert choose_augmentation(None, frozen) == PRESETS["none"]
    assert choose_augmentation(None, learning) == PRESETS["light"]
    assert choose_augmentation(PRESETS["flip"], frozen) == PRESETS["flip"]
