"""What an experiment leaves open, chosen from the data set."""

from dataclasses import replace
from statistics import median_low

from imgclass.data.manifest import Manifest
from imgclass.flows import PRESETS, Augmentation, median_image_size
from imgclass.flows.image_size import LARGEST_SIDE
from imgclass.models import ArchitectureInfo, ModelSpec, weights_at_hand
from imgclass.models.packaged_weights import PACKAGES, find_packaged_weights
from imgclass.models.spec import IMAGENET, RANDOM

AUTO = "auto"
BACKBONE, FROM_SCRATCH = "efficientnet_lite0", "cnn"
# A network sees more in images larger than those it was trained on (Touvron et al., *Fixing the
# Train-Test Resolution Discrepancy*, 2019). They take more time, which few images have to spare.
SHARP_SIDE, FEW = 288, 1_000
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
    suits = has_photographs(manifest) and find_packaged_weights(PACKAGES[BACKBONE]) is not None
    return BACKBONE if suits else FROM_SCRATCH


def choose_spec(
    spec: ModelSpec, info: ArchitectureInfo, manifest: Manifest, *, has_phases: bool
) -> ModelSpec:
    """Return the knobs with what they leave open chosen.

    A pretrained backbone is frozen, unless the training has a phase in which it learns.
    """
    weights = spec.weights
    if weights is None and info.weights_package:
        weights = IMAGENET if weights_at_hand(info) else RANDOM
    is_pretrained = weights not in (None, RANDOM)
    trainable = spec.trainable
    return replace(
        spec,
        image_size=spec.image_size or _image_size(info, manifest),
        depth=info.depth if spec.depth is None else spec.depth,
        width=spec.width or info.width,
        weights=weights,
        trainable=(has_phases or not is_pretrained) if trainable is None else trainable,
    )


def _image_size(info: ArchitectureInfo, manifest: Manifest) -> tuple[int, int]:
    """Return the median of the training images, at most 224 a side, or 288 if they are few."""
    is_sharp = bool(info.weights_package) and manifest.counts["train"] <= FEW
    return median_image_size(manifest, at_most=SHARP_SIDE if is_sharp else LARGEST_SIDE)


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
