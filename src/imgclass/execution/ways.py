"""The ways to train that are open within a budget, and the choice of the best that fits."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from imgclass.choices import SHARP_SIDE
from imgclass.data.manifest import Manifest, Split
from imgclass.experiment import Experiment
from imgclass.flows import PRESETS, Augmentation, median_image_size
from imgclass.flows.image_size import LARGEST_SIDE
from imgclass.models.packaged_weights import PACKAGES
from imgclass.training.defaults import choose_epochs
from imgclass.training.speed import Speed

# Layers from the 14 x 14 maps on. Trained after the head, they took the accuracy on 3,670
# photographs of flowers from 0.92 to 0.95 (EfficientNet-Lite0 at 224 x 224).
LAST_STAGES: Mapping[str, str] = {**dict.fromkeys(PACKAGES, "stage6"), "vgg16": "block5"}
HEAD_EPOCHS = 12  # over features that are there an epoch takes a second

# Epochs from which a way is worth its price, and with which it is exhausted.
FEWEST_AUGMENTED, FEWEST_SHARP, FEWEST_PLAIN, FEWEST_OF_HEAD = 12, 20, 4, 8
MOST_OF_BACKBONE, MOST_FROM_SCRATCH = 60, 100
SMALLER_SIDES = (192, 160, 128, 96)

# Measured on two cores, in seconds: from the scores to the end of the command, of an image in its
# tables, from the built model to the first step, and of an epoch beside its images. Saving takes a
# twentieth of the time.
CLOSING, LISTING, STARTING, EPOCH, SAVING = 4.0, 1e-4, 2.0, 0.2, 1.05
# A model is built, copied in float32 and loaded once more.
BUILDINGS = 3
RATES = 100  # steps of the search for the learning rate


@dataclass(frozen=True, slots=True)
class Costs:
    """What an experiment costs on this machine, in seconds, as measured.

    Attributes:
        building: Of the model, once.
        decoding: Of an image file, once.
        pixels: Of the images that were measured.
        speeds: Of each phase; of the head, if no time was left to measure the second.
        views: Versions of augmented images of which features are computed.
    """

    building: float
    decoding: float
    pixels: int
    speeds: tuple[Speed, ...]
    views: int


@dataclass(frozen=True, slots=True)
class Way:
    """A way to train.

    Attributes:
        experiment: With open epochs.
        fixed: Seconds of everything but the epochs that are chosen.
        closing: Those of them that come after the last step.
        epoch: Seconds of each of these.
        fewest: Epochs below which it is not worth while.
        most: Epochs above which nothing is gained.
    """

    experiment: Experiment
    fixed: float
    closing: float
    epoch: float
    fewest: int
    most: int

    @property
    def least(self) -> float:
        """Seconds of the fewest epochs."""
        return self.seconds(self.fewest)

    def seconds(self, epochs: int) -> float:
        """Return what some epochs take with all the rest."""
        return self.fixed + epochs * self.epoch

    def epochs_in(self, seconds: float) -> int:
        """Return the epochs that fit."""
        return max(0, min(self.most, int((seconds - self.fixed) / self.epoch)))

    def with_epochs(self, epochs: int) -> Experiment:
        """Return the experiment with this many epochs after those of the head."""
        training = self.experiment.training
        chosen = replace(training, epochs=training.head_epochs + epochs)
        return replace(self.experiment, training=chosen)


def choose(ways: Iterable[Way], seconds: float) -> tuple[Way, int] | None:
    """Return the first way of which enough epochs fit, and their number; None if none fits.

    Example:
        >>> long = Way(Experiment(), fixed=50.0, closing=5.0, epoch=2.0, fewest=10, most=30)
        >>> short = Way(Experiment(), fixed=20.0, closing=5.0, epoch=1.0, fewest=1, most=30)
        >>> choose([long, short], 60.0)[1], choose([long, short], 75.0)[1]
        (30, 12)
        >>> choose([long, short], 20.0)
    """
    for way in ways:
        epochs = way.epochs_in(seconds)
        if epochs >= way.fewest:
            return way, epochs
    return None


def guessed(head: Speed) -> Speed:
    """Return about what the last stages take, from the speed of the head over frozen layers.

    These stages are a third of EfficientNet-Lite0, and a step takes three times a pass.
    """
    return Speed(head.frozen, 2 * head.frozen, head.frozen / 2, 4 * head.start)


def is_open(asked: Experiment, resolved: Experiment) -> bool:
    """Return whether the user left open how much of a pretrained backbone learns."""
    return resolved.spec.trainable is False and asked.spec.trainable is None


def with_last_stages(asked: Experiment, resolved: Experiment, *, has_card: bool) -> Experiment:
    """Return an open experiment that trains first the head, then the last stages.

    Without a graphics card in float32: depthwise convolutions in bfloat16 took twice the time.
    """
    unfreeze = LAST_STAGES.get(resolved.architecture)
    training = replace(asked.training, head_epochs=HEAD_EPOCHS, unfreeze=unfreeze)
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
        costs: Of the head, and of the last stages if `is_open`; otherwise of `resolved`.
        manifest: The data set.
        has_card: Whether a graphics card trains.
    """
    counts = manifest.counts
    if not is_open(asked, resolved):
        most = MOST_FROM_SCRATCH if resolved.spec.trainable else choose_epochs(counts["train"])
        most = MOST_OF_BACKBONE if resolved.training.head_epochs else most
        yield _way(asked, resolved, costs, counts, fewest=1, most=most)
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
            yield _way(chosen, resolved, costs, counts, fewest=fewest, most=MOST_OF_BACKBONE)
    head = replace(costs, speeds=costs.speeds[:1])
    for size in _head_sizes(resolved, manifest):
        chosen = asked
        if asked.spec.image_size is None:
            chosen = replace(asked, spec=replace(asked.spec, image_size=size))
        most = choose_epochs(counts["train"])
        yield _way(chosen, resolved, head, counts, fewest=min(FEWEST_OF_HEAD, most), most=most)


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


def _way(
    experiment: Experiment,
    resolved: Experiment,
    costs: Costs,
    counts: Mapping[Split, int],
    *,
    fewest: int,
    most: int,
) -> Way:
    """Return a way, with its price from the costs of its phases."""
    size = experiment.spec.image_size or resolved.spec.image_size
    assert size is not None
    ratio = size[0] * size[1] / costs.pixels
    speeds = [speed.at(ratio) for speed in costs.speeds]
    train, val = counts["train"], counts["val"]
    everything = sum(counts.values())
    views = costs.views if _is_augmented(experiment, resolved) else 1

    def epoch(speed: Speed) -> float:
        return SAVING * (train * speed.step + val * speed.scoring) + EPOCH

    last, tables = speeds[-1], CLOSING + LISTING * everything
    scored_again = counts["test"] + (train if views > 1 else 0)
    closing = tables + last.frozen * scored_again + last.scoring * (everything + val)
    if experiment.tta:
        closing += 2 * (last.frozen + last.scoring) * everything
    fixed = closing + STARTING + BUILDINGS * costs.building + everything * costs.decoding
    fixed += sum(speed.start + speed.frozen * (views * train + val) for speed in speeds)
    if len(speeds) > 1:
        fixed += experiment.training.head_epochs * epoch(speeds[0])
    if resolved.training.find_rate:
        fixed += RATES * (resolved.training.batch_size or 1) * speeds[0].step
    return Way(experiment, fixed, closing, epoch(last), fewest, most)


def _is_augmented(experiment: Experiment, resolved: Experiment) -> bool:
    augmentation: Augmentation | None = experiment.augmentation or resolved.augmentation
    return augmentation is not None and not augmentation.is_identity
