import pytest

from imgclass import choices
from imgclass.choices import choose_architecture, choose_augmentation, choose_spec
from imgclass.data.manifest import Manifest, Sample
from imgclass.flows import PRESETS
from imgclass.models.spec import ArchitectureInfo, ModelSpec

PRETRAINED = ArchitectureInfo("A backbone.", depth=1, width=8, weights_package="json")
ABSENT = ArchitectureInfo("A backbone.", depth=1, width=8, weights_package="no_such_package")
PLAIN = ArchitectureInfo("A network.", depth=1, width=8)


def manifest(width, height):
    return Manifest(("cat",), (Sample("a", "cat", "train", "0" * 64, width, height, "a"),))


@pytest.fixture
def weights(monkeypatch):
    monkeypatch.setattr(choices, "WEIGHTS_PACKAGE", "json")


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize(
    ("size", "chosen"),
    [((96, 96), "efficientnet_lite0"), ((500, 95), "cnn"), ((32, 32), "cnn")],
)
def test_photographs_take_the_pretrained_network_and_small_pictures_the_cnn(size, chosen):
    assert choose_architecture("auto", manifest(*size)) == chosen


def test_photographs_take_the_cnn_where_no_weights_are_at_hand(monkeypatch):
    monkeypatch.setattr(choices, "WEIGHTS_PACKAGE", "no_such_package")
    assert choose_architecture("auto", manifest(500, 375)) == "cnn"


@pytest.mark.usefixtures("weights")
def test_a_name_that_was_asked_for_is_kept():
    assert choose_architecture("resnet", manifest(500, 375)) == "resnet"


@pytest.mark.parametrize(
    ("asked", "info", "weights", "trainable"),
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
    asked, info, weights, trainable
):
    spec = choose_spec(asked, info, manifest(500, 375), has_phases=False)
    assert (spec.weights, spec.trainable) == (weights, trainable)


def test_a_backbone_that_a_later_phase_trains_is_not_frozen_for_good():
    assert choose_spec(ModelSpec(), PRETRAINED, manifest(9, 9), has_phases=True).trainable


def test_a_frozen_backbone_sees_unchanged_images_unless_asked_otherwise():
    frozen, learning = ModelSpec(trainable=False), ModelSpec(trainable=True)
    assert choose_augmentation(None, frozen) == PRESETS["none"]
    assert choose_augmentation(None, learning) == PRESETS["light"]
    assert choose_augmentation(PRESETS["flip"], frozen) == PRESETS["flip"]
