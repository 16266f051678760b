"""Small sets of images of several kinds, drawn anew from a seed, none like another's.

`KINDS` names them: patterns that are computed, the digits that come with imgclass, turned and in
other sizes, and parts of CIFAR-10 and of photographs if the folders are there. `write_set` adds
what real data have: noise, wrong labels, and classes of unequal size.
"""

import csv
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image, ImageFilter

from imgclass.data.digits import write_digits

Chance = np.random.Generator
Drawing = Callable[[int, int, Chance], Image.Image]  # of a class, of a side in pixels

CIFAR10, PHOTOS = "IMGCLASS_CIFAR10", "IMGCLASS_PHOTOS"
COARSE = (0.6, 1.1, 1.7, 2.5)  # radii in pixels
SUFFIXES = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True, slots=True)
class DrawnSet:
    """What a set of images is drawn from.

    Attributes:
        kind: A name in `KINDS`.
        seed: Decides every image and label.
        images: How many there are; of photographs at most as many as exist.
        side: Of an image, in pixels.
        classes: At most; some kinds have fewer.
        noise: Standard deviation that is added to each pixel, of 255.
        wrong: Share of labels that are replaced by another.
        rare: Share that is kept of the images of the last class.
    """

    kind: str
    seed: int
    images: int
    side: int
    classes: int
    noise: float = 0.0
    wrong: float = 0.0
    rare: float = 1.0


def available_kinds() -> tuple[str, ...]:
    """Return the kinds whose images can be had here."""
    missing = {"cifar10": CIFAR10, "photographs": PHOTOS}
    return tuple(kind for kind in KINDS if kind not in missing or os.environ.get(missing[kind]))


def write_set(drawn: DrawnSet, folder: Path) -> tuple[Path, Path]:
    """Write a set as numbered images and a CSV; return the CSV and the folder of images."""
    images, labels = folder / "images", folder / "labels.csv"
    images.mkdir(parents=True)
    chance = np.random.default_rng(drawn.seed)
    pairs = KINDS[drawn.kind](drawn, chance)
    names = sorted({label for _, label in pairs})
    rows = []
    for number, (image, label) in enumerate(pairs, start=1):
        if label == names[-1] and chance.random() >= drawn.rare:
            continue
        pixels = np.asarray(image.convert("RGB").resize((drawn.side, drawn.side)), dtype=float)
        pixels = pixels + chance.normal(0, drawn.noise, pixels.shape)
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(images / f"{number}.png")
        if chance.random() < drawn.wrong:
            label = str(chance.choice([name for name in names if name != label]))  # noqa: PLW2901
        rows.append((number, label))
    with labels.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "label"), *rows])
    return labels, images


def computed(draw: Drawing, most: int) -> Callable[[DrawnSet, Chance], list[tuple]]:
    """Return what draws a set of at most `most` classes by a function of class, side and chance."""

    def pairs(drawn: DrawnSet, chance: Chance) -> list[tuple]:
        classes = [int(c) for c in chance.integers(0, min(most, drawn.classes), drawn.images)]
        return [(draw(c, drawn.side, chance), f"class{c}") for c in classes]

    return pairs


def grating(number: int, side: int, chance: Chance) -> Image.Image:
    """Draw stripes; their direction is the class, their width, phase and contrast are not."""
    angle = np.pi * (number + chance.normal(0, 0.22)) / 8
    y, x = np.mgrid[:side, :side] / side
    waves = chance.uniform(2, 5)
    phase = 2 * np.pi * (waves * (x * np.cos(angle) + y * np.sin(angle)) + chance.random())
    colour = chance.uniform(0.3, 1, 3)
    return as_image(128 + chance.uniform(15, 70) * np.sin(phase)[..., None] * colour)


def texture(number: int, side: int, chance: Chance) -> Image.Image:
    """Draw filtered noise; how coarse it is, and whether along one direction, is the class."""
    grain = chance.normal(128, 90, (side, side, 3))
    coarse = COARSE[number % len(COARSE)] * chance.uniform(0.85, 1.2)
    image = as_image(grain).filter(ImageFilter.GaussianBlur(coarse))
    if number >= len(COARSE):
        image = image.resize((side, max(2, side // 2))).resize((side, side))
    pixels = np.asarray(image, dtype=float)
    return as_image(128 + (pixels - pixels.mean()) * chance.uniform(30, 60) / (pixels.std() + 1))


def blobs(number: int, side: int, chance: Chance) -> Image.Image:
    """Draw soft spots of several colours; how many of them are reddish is the class."""
    y, x = np.mgrid[:side, :side] / side
    canvas = np.full((side, side, 3), chance.uniform(60, 160))
    for spot in range(number + 1 + int(chance.integers(1, 4))):
        hue = (90, -50, -50) if spot <= number else (-60, *chance.uniform(-20, 90, 2))
        across, down = chance.uniform(0.1, 0.9, 2)
        size = chance.uniform(0.06, 0.12)
        bump = np.exp(-((x - across) ** 2 + (y - down) ** 2) / (2 * size**2))
        canvas += bump[..., None] * np.array(hue)
    return as_image(canvas)


def letters_of_dots(number: int, side: int, chance: Chance) -> Image.Image:
    """Draw a pattern of 4 x 4 dots that is the class, moved, with some dots missing or added."""
    pattern = np.random.default_rng(1000 + number).random((4, 4)) < 0.45  # noqa: PLR2004
    flipped = chance.random((4, 4)) < 0.1  # noqa: PLR2004
    dots = Image.fromarray(((pattern ^ flipped) * 170 + 40).astype(np.uint8))
    small = int(side * chance.uniform(0.5, 0.8))
    canvas = Image.new("L", (side, side), int(chance.integers(0, 90)))
    left, top = (int(chance.integers(0, side - small + 1)) for _ in range(2))
    canvas.paste(dots.resize((small, small), Image.Resampling.NEAREST), (left, top))
    return canvas


def turned_digits(drawn: DrawnSet, chance: Chance) -> list[tuple]:
    """Return digits in another size, each turned by up to 35 degrees."""
    with TemporaryDirectory() as place:
        labels, images = write_digits(Path(place) / "digits")
        with labels.open(encoding="utf-8", newline="") as file:
            rows = [row for row in list(csv.reader(file))[1:] if int(row[1]) < drawn.classes]
        pairs = []
        for name, label in chosen(rows, drawn.images, chance):
            with Image.open(images / f"{name}.png") as image:
                larger = image.convert("L").resize((drawn.side, drawn.side))
            pairs.append((larger.rotate(chance.uniform(-35, 35)), label))
    return pairs


def cifar10(drawn: DrawnSet, chance: Chance) -> list[tuple]:
    """Return images of some of the classes of CIFAR-10."""
    home = Path(os.environ[CIFAR10])
    with (home / "trainLabels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    names = sorted({label for _, label in rows})
    kept = set(chance.permutation(names)[: drawn.classes].tolist())
    files = {path.stem: path for path in (home / "train").iterdir()}
    some = chosen([row for row in rows if row[1] in kept], drawn.images, chance)
    return [(opened(files[name]), label) for name, label in some]


def photographs(drawn: DrawnSet, chance: Chance) -> list[tuple]:
    """Return photographs of `train/CLASS/` and `val/CLASS/`, made small."""
    home = Path(os.environ[PHOTOS])
    rows = sorted(
        (str(path), path.parent.name)
        for path in home.glob("*/*/*")
        if path.suffix.lower() in SUFFIXES
    )
    return [(opened(Path(path)), label) for path, label in chosen(rows, drawn.images, chance)]


def chosen(rows: Sequence[Sequence[str]], number: int, chance: Chance) -> list[Sequence[str]]:
    """Return as many of the rows as are wanted and there are, in a drawn order."""
    return [rows[i] for i in chance.permutation(len(rows))[:number]]


def opened(path: Path) -> Image.Image:
    """Return an image whose file is closed again."""
    with Image.open(path) as image:
        return image.convert("RGB")


def as_image(pixels: np.ndarray) -> Image.Image:
    """Return pixels of 0 to 255 as an image."""
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


KINDS: dict[str, Callable[[DrawnSet, Chance], list[tuple]]] = {
    "gratings": computed(grating, most=8),
    "textures": computed(texture, most=8),
    "blobs": computed(blobs, most=5),
    "dots": computed(letters_of_dots, most=10),
    "turned digits": turned_digits,
    "cifar10": cifar10,
    "photographs": photographs,
}


def random_set(draw: random.Random, kinds: Sequence[str]) -> DrawnSet:
    """Draw what a set is like: its kind, size, number of classes, noise and defects."""
    kind = draw.choice(kinds)
    return DrawnSet(
        kind=kind,
        seed=draw.randrange(2**32),
        images=round(10 ** draw.uniform(2.5, 3.4)),
        side=draw.choice((12, 12, 16, 16, 20)),
        classes=draw.choice((2, 3, 4, 5, 8, 10)),
        noise=draw.choice((0, 10, 25, 45)),
        wrong=draw.choice((0.0, 0.0, 0.0, 0.05, 0.15)),
        rare=draw.choice((1.0, 1.0, 1.0, 1.0, 1.0, 0.2)),
    )
