"""What a way to train takes of the time, and the choice of the first that fits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from imgclass.data.manifest import Split
from imgclass.experiment import Experiment
from imgclass.flows import Augmentation
from imgclass.training.speed import Speed

# Measured on two cores, in seconds: from the scores to the end of the command, of an image in its
# tables, from the built model to the first step, and of an epoch beside its images. Saving takes a
# twentieth of the time.
CLOSING, LISTING, STARTING, EPOCH, SAVING = 5.0, 1e-4, 2.0, 0.2, 1.05
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
        fewest: Epochs below which it is not worth while; a part of one if the first may be cut off.
        most: Epochs above which nothing is gained.
    """

    experiment: Experiment
    fixed: float
    closing: float
    epoch: float
    fewest: float
    most: int

    @property
    def least(self) -> float:
        """Seconds of the fewest epochs."""
        return self.seconds(self.fewest)

    def seconds(self, epochs: float) -> float:
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


def price(
    experiment: Experiment,
    resolved: Experiment,
    costs: Costs,
    counts: Mapping[Split, int],
    *,
    fewest: float,
    most: int,
) -> Way:
    """Return a way to train, with what it takes by the costs of its phases.

    Args:
        experiment: With open epochs.
        resolved: What it leaves open; it was measured at its image size.
        costs: Of the phases of `experiment`.
        counts: Images of each split.
        fewest: Epochs below which it is not worth while; a part of one if the first may be cut off.
        most: Epochs above which nothing is gained.
    """
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
    fixed += sum(speed.start for speed in speeds)
    # The features for the head are computed from those for the last stages, if these have any.
    rest = last.scoring if len(speeds) > 1 and last.frozen else 0.0
    fixed += ((last.frozen or speeds[0].frozen) + rest) * (views * train + val)
    if len(speeds) > 1:
        fixed += experiment.training.head_epochs * epoch(speeds[0])
    if resolved.training.find_rate:
        fixed += RATES * (resolved.training.batch_size or 1) * speeds[0].step
    return Way(experiment, fixed, closing, epoch(last), fewest, most)


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
        if seconds >= way.least:
            return way, max(1, way.epochs_in(seconds))
    return None


def _is_augmented(experiment: Experiment, resolved: Experiment) -> bool:
    augmentation: Augmentation | None = experiment.augmentation or resolved.augmentation
    return augmentation is not None and not augmentation.is_identity
