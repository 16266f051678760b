"""The ways to train that are open within a budget, the best first."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from imgclass.choices import FEW, SHARP_SIDE
from imgclass.data.manifest import Manifest
from imgclass.execution.price import Costs, Way, price
from imgclass.experiment import Experiment
from imgclass.flows import PRESETS, median_image_size
from imgclass.flows.image_size import LARGEST_SIDE
from imgclass.models.packaged_weights import PACKAGES
from imgclass.training.defaults import choose_epochs
from imgclass.training.speed import Speed

# Layers from the 14 x 14 maps on. Trained after the head, they took the accuracy on 3,670
# photographs of flowers from 0.92 to 0.95 (EfficientNet-Lite0 at 224 x 224). On 245 photographs of
# ants and bees they gained nothing (0.92 at 224 x 224, and 0.95 instead of 0.96 at 288 x 288).
LAST_STAGES: Mapping[str, str] = {**dict.fromkeys(PACKAGES, "stage6"), "vgg16": "block5"}
HEAD_EPOCHS = 12  # over features that are there an epoch takes a second

# Epochs from which a way is worth its price, and with which it is exhausted.
FEWEST_AUGMENTED, FEWEST_SHARP, FEWEST_PLAIN, FEWEST_OF_HEAD = 12, 20, 3, 8
PART = 0.25  # of the only epoch, which then ends before all images were seen
MOST_OF_BACKBONE, MOST_FROM_SCRATCH = 60, 100
SMALLER_SIDES = (192, 160, 128, 96)


def guessed(head: Speed) -> Speed:
    """Return about what the last stages take, from the speed of the head over frozen layers.

    These stages are a third of EfficientNet-Lite0, and a step takes three times a pass.
    """
    return Speed(head.frozen, head.frozen, head.frozen / 3, 3 * head.start)


def is_open(asked: Experiment, resolved: Experiment) -> bool:
    """Return whether the user left open how much of a pretrained backbone learns."""
    return resolved.spec.trainable is False and asked.spec.trainable is None


def may_train_backbone(asked: Experiment, resolved: Experiment, manifest: Manifest) -> bool:
    """Return whether the last stages may be trained, too: it is open, and images are not few."""
    return is_open(asked, resolved) and manifest.counts["train"] > FEW


def with_last_stages(asked: Experiment, resolved: Experiment, *, has_card: bool) -> Experiment:
    """Return an open experiment that trains first the head, then the last stages.

    Without a graphics card in float32: depthwise convolutions in bfloat16 took twice the time.
    """
    unfreeze = LAST_STAGES.get(resolved.architecture)
    training = replace(asked.training, head_epochs=HEAD_EPOCHS, unfreeze=unfreeze)
    if training.label_smoothing is None:
        training = replace(training, label_smoothing=0.0)  # as for a head alone
    if training.precision == "auto" and not has_card and resolved.architecture in PACKAGES:
        training = replace(training, precision="float32")
    return replace(asked, training=training)


def list_ways(
    asked: Experiment, resolved: Experiment, costs: Costs, manifest: Manifest, *, has_card: bool
) -> Iterator[Way]:
    """Yield the ways to train that leave what the user said as it is, the best first.

    They are ordered by accuracy: training the last stages comes before larger images, and these
    before augmentation.

    Args:
        asked: With open epochs.
        resolved: The same by `Experiment.resolve`; it was measured at its image size.
        costs: Of the head, and of the last stages if these may and can be trained; if nothing
            `is_open`, of `resolved`.
        manifest: The data set.
        has_card: Whether a graphics card trains.
    """
    counts = manifest.counts
    if not is_open(asked, resolved):
        most = MOST_FROM_SCRATCH if resolved.spec.trainable else choose_epochs(counts["train"])
        most = MOST_OF_BACKBONE if resolved.training.head_epochs else most
        yield price(asked, resolved, costs, counts, fewest=PART, most=most)
        return
    if len(costs.speeds) > 1:
        fine = with_last_stages(asked, resolved, has_card=has_card)
        for side, augmentation, fewest in (
            (SHARP_SIDE, "light", FEWEST_SHARP),
            (LARGEST_SIDE, "light", FEWEST_AUGMENTED),
            (LARGEST_SIDE, "none", FEWEST_PLAIN),
        ):
            sized = _sized(fine, manifest, side)
            chosen = replace(sized, augmentation=asked.augmentation or PRESETS[augmentation])
            yield price(chosen, resolved, costs, counts, fewest=fewest, most=MOST_OF_BACKBONE)
    head = replace(costs, speeds=costs.speeds[:1])
    for size in _head_sizes(resolved, manifest):
        chosen = asked
        if asked.spec.image_size is None:
            chosen = replace(asked, spec=replace(asked.spec, image_size=size))
        most = choose_epochs(counts["train"])
        yield price(chosen, resolved, head, counts, fewest=min(FEWEST_OF_HEAD, most), most=most)


def _head_sizes(resolved: Experiment, manifest: Manifest) -> list[tuple[int, int]]:
    usual = resolved.spec.image_size
    assert usual is not None
    sizes = (median_image_size(manifest, at_most=side) for side in (LARGEST_SIDE, *SMALLER_SIDES))
    smaller = (size for size in sizes if size[0] <= usual[0] and size[1] <= usual[1])
    return list(dict.fromkeys((usual, *smaller)))


def _sized(experiment: Experiment, manifest: Manifest, side: int) -> Experiment:
    if experiment.spec.image_size is not None:
        return experiment
    size = median_image_size(manifest, at_most=side)
    return replace(experiment, spec=replace(experiment.spec, image_size=size))
