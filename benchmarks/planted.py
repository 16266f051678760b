"""Trainings that are made wrong on purpose, each in one known way, and healthy ones.

`PLANTS` names them: what is done to the data, what to the experiment, and which verdicts name the
cause. The data are drawn anew from a seed: digits, or shapes of three kinds among noise.
"""

import csv
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from imgclass import (
    Augmentation,
    DatasetOrganizer,
    Experiment,
    ImageFolder,
    ModelSpec,
    TrainingConfig,
)
from imgclass.data.digits import write_digits

Row = tuple[str, str]  # the image's id and its label
Relabel = Callable[[list[Row], random.Random], list[Row]]

SHIFT = Augmentation(width_shift_range=0.1, height_shift_range=0.1)
SHAPES = ("circle", "cross", "square")
SHAPE_SIDE, SHAPE_IMAGES, NOISE = 16, 1_200, 40.0
EPOCHS = {"digits": 12, "shapes": 12}
WRONG = 0.2
# Of few images, or few of a class: few in train, and enough in val to see what a change brings.
MOST_IN_VAL = (("val", 0.75), ("test", 0.1))


@dataclass(frozen=True, slots=True)
class Plant:
    """One way in which a training is wrong.

    Attributes:
        name: Of the way.
        causes: The verdicts that name it; the first finding should be one of them.
        change: From a healthy experiment to this one.
        relabel: From healthy rows of labels to these.
        blank: The share of images that are of one colour.
        split: Settings of the organizer that differ.
        breaks_val: Whether val is scored with its classes in another order.
    """

    name: str
    causes: tuple[str, ...]
    change: Callable[[Experiment], Experiment] = lambda healthy: healthy
    relabel: Relabel = lambda rows, _: rows
    blank: float = 0.0
    split: tuple[tuple[str, object], ...] = ()
    breaks_val: bool = False


def spec(**changes: object) -> Callable[[Experiment], Experiment]:
    """Return the change of an experiment's spec."""
    return lambda healthy: replace(healthy, spec=replace(healthy.spec, **changes))


def training(**changes: object) -> Callable[[Experiment], Experiment]:
    """Return the change of an experiment's training recipe."""
    return lambda healthy: replace(healthy, training=replace(healthy.training, **changes))


def augmented(augmentation: Augmentation) -> Callable[[Experiment], Experiment]:
    """Return the change of an experiment's augmentation."""
    return lambda healthy: replace(healthy, augmentation=augmentation)


def shuffled(rows: list[Row], draw: random.Random) -> list[Row]:
    """Give every image the label of another."""
    labels = [label for _, label in rows]
    draw.shuffle(labels)
    return [(name, label) for (name, _), label in zip(rows, labels, strict=True)]


def noisy(rows: list[Row], draw: random.Random) -> list[Row]:
    """Give a fifth of the images another label."""
    classes = sorted({label for _, label in rows})
    return [
        (name, draw.choice([c for c in classes if c != label]) if draw.random() < WRONG else label)
        for name, label in rows
    ]


def imbalanced(rows: list[Row], draw: random.Random, *, times: int = 12) -> list[Row]:
    """Make all classes but one the same class, and keep one image of that for so many others."""
    rare = "8" if any(label == "8" for _, label in rows) else SHAPES[-1]
    others = [(name, "other") for name, label in rows if label != rare]
    of_class = [row for row in rows if row[1] == rare]
    return others + draw.sample(of_class, len(others) // times)


def nearly_one_class(rows: list[Row], draw: random.Random) -> list[Row]:
    """Do the same, with one image for nineteen others."""
    return imbalanced(rows, draw, times=19)


def few(rows: list[Row], draw: random.Random) -> list[Row]:
    """Keep a quarter of the images."""
    return draw.sample(rows, len(rows) // 4)


PLANTS = (
    Plant("healthy", ("good_enough",)),
    Plant(
        "healthy, other recipe", ("good_enough",), training(optimizer="adam", learning_rate=2e-3)
    ),
    Plant("healthy, more dropout", ("good_enough",), spec(dropout=0.2)),
    Plant("one epoch", ("still_improving",), training(epochs=1, batch_size=256)),
    Plant("three epochs", ("still_improving",), training(epochs=3, batch_size=256)),
    Plant("dropout 0.95", ("over_regularised",), spec(dropout=0.95)),
    Plant("L2 of 0.3", ("over_regularised",), spec(l2=0.3)),
    Plant("smoothing 0.9", ("over_regularised", "good_enough"), training(label_smoothing=0.9)),
    Plant(
        "too much augmentation",
        ("over_regularised",),
        augmented(Augmentation(rotation_range=180, zoom_range=0.9, shear_range=60)),
    ),
    Plant(
        "rate too low", ("optimisation_failure",), training(optimizer="adam", learning_rate=1e-6)
    ),
    Plant(
        "rate too high", ("optimisation_failure",), training(optimizer="adam", learning_rate=3.0)
    ),
    Plant("diverging", ("optimisation_failure",), training(optimizer="sgd", learning_rate=1e4)),
    Plant("shuffled labels", ("no_signal",), relabel=shuffled),
    Plant("a fifth of the labels wrong", ("label_errors",), relabel=noisy),
    Plant(
        "one class starves",
        ("starved_classes",),
        training(epochs=4),
        relabel=imbalanced,
        split=MOST_IN_VAL,
    ),
    Plant(
        "nearly all of one class",
        ("majority_baseline", "starved_classes"),
        training(epochs=6),
        relabel=nearly_one_class,
        split=MOST_IN_VAL,
    ),
    Plant("a tiny network", ("high_bias",), spec(depth=1, width=2)),
    Plant(
        "few images",
        ("high_variance",),
        augmented(Augmentation()),
        relabel=few,
        split=MOST_IN_VAL,
    ),
    Plant("a third of one colour", ("constant_images",), blank=1 / 3),
    Plant("copies in val", ("leak",)),
    Plant("twelve val images", ("within_noise", "few_val_images"), split=(("val", 12),)),
    Plant("val in another order", ("class_order",), breaks_val=True),
)


def prepare(plant: Plant, kind: str, *, seed: int, scratch: Path) -> tuple[ImageFolder, Experiment]:
    """Draw the data of one trial and organize them; return them and what to run."""
    draw = random.Random(f"{plant.name} {kind} {seed}")  # noqa: S311 - no secret
    source = scratch / "source"
    labels, images = write_digits(source) if kind == "digits" else write_shapes(source, draw)
    with labels.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    rows = plant.relabel([(row[0], row[1]) for row in rows], draw)
    if plant.causes == ("leak",):
        rows += [copy_of(row, images, draw) for row in draw.sample(rows, len(rows) // 3)]
    for name, _ in draw.sample(rows, round(plant.blank * len(rows))):
        paint_over(images / f"{name}.png", draw)
    draw.shuffle(rows)
    with labels.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    settings = {
        "val": 0.2,
        "test": 0.1,
        "seed": seed,
        "ignore_unlabelled": True,
        "duplicates": "off",
    } | dict(plant.split)
    folder = DatasetOrganizer(**settings).organize(labels, images, scratch / "data")
    healthy = Experiment(
        architecture="cnn",
        spec=ModelSpec(depth=2, width=16),
        training=TrainingConfig(epochs=EPOCHS[kind], seed=seed),
        augmentation=SHIFT,
    )
    return folder, plant.change(healthy)


def paint_over(file: Path, draw: random.Random) -> None:
    """Give all pixels of an image one colour, drawn anew."""
    with Image.open(file) as image:
        grey = Image.new("L", image.size, draw.randrange(256))
        grey.convert(image.mode).save(file)


def copy_of(row: Row, images: Path, draw: random.Random) -> Row:
    """Copy an image under another name, and return its row."""
    name = str(draw.randrange(10**6, 10**9))
    (images / f"{name}.png").write_bytes((images / f"{row[0]}.png").read_bytes())
    return name, row[1]


def write_shapes(folder: Path, draw: random.Random) -> tuple[Path, Path]:
    """Draw circles, crosses and squares of random size, place and colour on noise."""
    images, labels = folder / "images", folder / "labels.csv"
    images.mkdir(parents=True)
    noise = np.random.default_rng(draw.randrange(2**32))
    rows = []
    for number in range(1, SHAPE_IMAGES + 1):
        shape = draw.choice(SHAPES)
        grey = noise.normal(128, NOISE, (SHAPE_SIDE, SHAPE_SIDE, 3)).clip(0, 255)
        image = Image.fromarray(grey.astype(np.uint8))
        draw_shape(ImageDraw.Draw(image), shape, draw)
        image.save(images / f"{number}.png")
        rows.append((number, shape))
    with labels.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "label"), *rows])
    return labels, images


def draw_shape(canvas: ImageDraw.ImageDraw, shape: str, draw: random.Random) -> None:
    """Draw one shape somewhere."""
    size = draw.randint(6, 11)
    left, top = (draw.randint(0, SHAPE_SIDE - 1 - size) for _ in range(2))
    box: Sequence[int] = (left, top, left + size, top + size)
    colour = tuple(draw.choice((draw.randint(0, 40), draw.randint(215, 255))) for _ in range(3))
    if shape == "circle":
        canvas.ellipse(box, fill=colour)
    elif shape == "square":
        canvas.rectangle(box, fill=colour)
    else:
        canvas.line(box, fill=colour, width=2)
        canvas.line((left, top + size, left + size, top), fill=colour, width=2)
