"""How well near-duplicates are found: changed copies of images among the images themselves.

    python benchmarks/duplicates.py IMAGES [--images 5000] [--copies 1000] [--json]

A sample of the images in a folder is taken, in an order of its own that is always the same. For
each kind of change, changed copies of some of them are put among the sample, and `find_duplicates`
searches it all.

* recall: the copies that are paired with their originals
* precision: of the pairs that a copy is in, those with its original, or with an image that is a
  near-duplicate of the original unchanged; the others are two different pictures

The last changes are beyond what is claimed, and show where the measure ends.
"""

import argparse
import io
import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from imgclass.data.duplicates.fingerprints import Fingerprint, fingerprint
from imgclass.data.duplicates.pairs import Duplicates
from imgclass.data.duplicates.search import find_duplicates
from imgclass.images.decoding import read_image
from imgclass.images.folder_contents import scan_images

Change = Callable[[Image.Image], Image.Image]


def encoded(image: Image.Image, quality: int) -> Image.Image:
    """Return an image as a JPEG of some quality has it."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def cropped(image: Image.Image, share: float) -> Image.Image:
    """Return an image without a share of its side at each border, at its old size."""
    x, y = image.width * share, image.height * share
    box = (x, y, image.width - x, image.height - y)
    return image.resize(image.size, Image.Resampling.BILINEAR, box=box)


def shifted(image: Image.Image, share: float) -> Image.Image:
    """Return an image moved by a share of its side, its border repeated."""
    by = max(1, round(image.width * share))
    padded = np.pad(np.asarray(image), ((by, by), (by, by), (0, 0)), "edge")
    return Image.fromarray(padded[2 * by :, 2 * by :])


def scaled(image: Image.Image, factor: float) -> Image.Image:
    """Return an image of another size."""
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return image.resize(size, Image.Resampling.BICUBIC)


CHANGES: Mapping[str, Change] = {
    "JPEG, quality 75": lambda image: encoded(image, 75),
    "JPEG, quality 40": lambda image: encoded(image, 40),
    "brightness +15 %": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "brightness -30 %": lambda image: ImageEnhance.Brightness(image).enhance(0.7),
    "contrast -30 %": lambda image: ImageEnhance.Contrast(image).enhance(0.7),
    "three quarters of the size": lambda image: scaled(image, 0.75),
    "twice the size": lambda image: scaled(image, 2),
    "moved by 3 % of the side": lambda image: shifted(image, 0.03),
    "cropped by 3 % at each border": lambda image: cropped(image, 0.03),
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "beyond: cropped by 8 %": lambda image: cropped(image, 0.08),
    "beyond: moved by 9 %": lambda image: shifted(image, 0.09),
    "beyond: turned by 10 degrees": lambda image: image.rotate(10, Image.Resampling.BILINEAR),
    "beyond: upside down": lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
}


@dataclass(frozen=True)
class Trial:
    """What became of the copies with one change; shares in 0-1, no precision without a pair."""

    change: str
    recall: float
    precision: float | None
    false_pairs: int


def main() -> None:
    """Print a table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="IMAGES")
    parser.add_argument("--images", type=int, default=5_000, help="in the sample")
    parser.add_argument("--copies", type=int, default=1_000, help="with each change")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    began = time.perf_counter()
    pictures = sample(arguments.folder, arguments.images)
    originals = prints(pictures)
    alone = find_duplicates(originals)
    changed = pictures[: arguments.copies]
    trials = [attempt(name, changed, originals, alone) for name in CHANGES]
    seconds = time.perf_counter() - began
    if arguments.json:
        rows = [asdict(trial) for trial in trials]
        print(json.dumps({"pairs_alone": len(alone.pairs), "trials": rows, "seconds": seconds}))
        return
    print(f"{len(pictures):,} images, {len(changed):,} copies, {len(alone.pairs)} pairs alone\n")
    print("| change | recall | precision | wrong pairs |\n|---|--:|--:|--:|")
    for trial in trials:
        precision = "-" if trial.precision is None else f"{trial.precision:.1%}"
        print(f"| {trial.change} | {trial.recall:.1%} | {precision} | {trial.false_pairs} |")
    print(f"\n{seconds:.0f} s")


def sample(folder: Path, count: int) -> list[Image.Image]:
    """Read some images of a folder."""
    names = sorted(scan_images(folder).files)
    random.Random(0).shuffle(names)  # noqa: S311 - a sample, no secret
    return [Image.fromarray(read_image(folder / name)) for name in names[:count]]


def prints(pictures: list[Image.Image]) -> Fingerprint:
    """Return the fingerprints of pictures."""
    return np.stack([fingerprint(np.asarray(picture)) for picture in pictures])


def attempt(
    name: str, changed: list[Image.Image], originals: Fingerprint, alone: Duplicates
) -> Trial:
    """Put changed copies among the originals and search."""
    copies = prints([CHANGES[name](picture) for picture in changed])
    n = len(originals)
    found = find_duplicates(np.concatenate([originals, copies]))
    group_alone = dict(zip(range(n), range(n), strict=True))
    for number, group in enumerate(alone.groups):
        group_alone |= dict.fromkeys(group, n + number)
    recalled, true, false = set(), 0, 0
    for pair in found.pairs:
        if pair.b < n:
            continue
        a, b = (index if index < n else index - n for index in (pair.a, pair.b))
        if a == b:
            recalled.add(b)
        if group_alone[a] == group_alone[b]:
            true += 1
        else:
            false += 1
    precision = true / (true + false) if true + false else None
    return Trial(name, len(recalled) / len(changed), precision, false)


if __name__ == "__main__":
    main()
