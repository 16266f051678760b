"""Trainings that are wrong in one way, drawn anew: how wrong, and in what, differs each time.

For the table of experience: `planted.py` has the ones by which the diagnosis is judged.
"""

import random
from collections.abc import Callable
from dataclasses import replace

from drawn_images import DrawnSet

from imgclass import Augmentation, Experiment, ModelSpec, TrainingConfig

SHIFT = Augmentation(width_shift_range=0.1, height_shift_range=0.1)
FEW, ENOUGH, MANY = 300, 600, 900  # images, of which up to half are val
Fault = Callable[[random.Random, DrawnSet, Experiment], tuple[DrawnSet, Experiment]]


def faulty(draw: random.Random, drawn: DrawnSet, name: str) -> tuple[DrawnSet, Experiment]:
    """Return a set and a sound experiment, wrong in the way of that name.

    Args:
        draw: Decides everything that is drawn.
        drawn: What the set of images is like, apart from the fault.
        name: A name in `FAULTS`.
    """
    # Without the fault there is something to learn: what a fault costs is seen beside that.
    images = max(ENOUGH, drawn.images)
    clear = replace(drawn, images=images, noise=drawn.noise / 2, wrong=0.0, rare=1.0)
    return FAULTS[name](draw, clear, sound_experiment(draw))


def sound_experiment(draw: random.Random) -> Experiment:
    """Draw an experiment with which nothing is the matter."""
    return Experiment(
        architecture="cnn",
        spec=ModelSpec(depth=draw.choice((2, 2, 3)), width=draw.choice((12, 16, 24))),
        training=TrainingConfig(epochs=draw.choice((10, 12, 16)), seed=draw.randrange(1000)),
        augmentation=SHIFT,
    )


def too_short(draw: random.Random, drawn: DrawnSet, sound: Experiment) -> tuple:
    """Train for one to three epochs, of few steps."""
    return drawn, trained_by(sound, epochs=draw.choice((1, 2, 3)), batch_size=256)


def too_much_dropout(draw: random.Random, drawn: DrawnSet, sound: Experiment) -> tuple:
    """Drop most units."""
    return drawn, built_by(sound, dropout=round(draw.uniform(0.75, 0.97), 2))


def too_much_l2(draw: random.Random, drawn: DrawnSet, sound: Experiment) -> tuple:
    """Penalise all weights until none is left."""
    return drawn, built_by(sound, l2=10 ** draw.uniform(-1.5, 0))


def too_much_smoothing(draw: random.Random, drawn: DrawnSet, sound: Experiment) -> tuple:
    """Give the label hardly more than the other classes."""
    return drawn, trained_by(sound, label_smoothing=round(draw.uniform(0.6, 0.95), 2))


def too_much_augmentation(draw: random.Random, drawn: DrawnSet, sound: Experiment) -> tuple:
    """Turn, zoom and shear until little of an image is left."""
    augmentation = Augmentation(
        rotation_range=draw.uniform(90, 180),
        zoom_range=draw.uniform(0.6, 0.95),
        shear_range=draw.uniform(40, 80),
    )
    return drawn, replace(sound, augmentation=augmentation)


def wrong_rate(draw: random.Random, drawn: DrawnSet, sound: Experiment) -> tuple:
    """Learn at a rate that is far too low, or far too high."""
    exponent = draw.choice((draw.uniform(-3.2, -1.7), draw.uniform(1.7, 3.7)))
    return drawn, trained_by(sound, optimizer="adam", learning_rate=1e-3 * 10**exponent)


def too_small(draw: random.Random, drawn: DrawnSet, sound: Experiment) -> tuple:
    """Take two or three filters."""
    return replace(drawn, classes=max(4, drawn.classes)), built_by(
        sound, depth=1, width=draw.choice((2, 3))
    )


def too_few_images(draw: random.Random, drawn: DrawnSet, sound: Experiment) -> tuple:
    """Train on few images, and leave them as they are."""
    few = replace(drawn, images=draw.randrange(FEW, 2 * FEW))
    return few, replace(sound, augmentation=Augmentation())


def rare_class(draw: random.Random, drawn: DrawnSet, sound: Experiment) -> tuple:
    """Leave few images of one of two classes, and train for a few epochs."""
    uneven = replace(
        drawn, classes=2, images=max(MANY, drawn.images), rare=draw.choice((0.05, 0.08, 0.12))
    )
    return uneven, trained_by(sound, epochs=draw.choice((4, 5, 6)))


def built_by(experiment: Experiment, **changes: object) -> Experiment:
    """Return an experiment with another spec."""
    return replace(experiment, spec=replace(experiment.spec, **changes))


def trained_by(experiment: Experiment, **changes: object) -> Experiment:
    """Return an experiment with another training recipe."""
    return replace(experiment, training=replace(experiment.training, **changes))


FAULTS: dict[str, Fault] = {
    "too short": too_short,
    "too much dropout": too_much_dropout,
    "too much L2": too_much_l2,
    "too much smoothing": too_much_smoothing,
    "too much augmentation": too_much_augmentation,
    "a wrong rate": wrong_rate,
    "too small": too_small,
    "too few images": too_few_images,
    "a rare class": rare_class,
}
