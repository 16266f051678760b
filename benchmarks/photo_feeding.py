"""Photographs from files to batches: `cached` beside Keras's `image_dataset_from_directory`: T4.

    python benchmarks/photo_feeding.py [FOLDER] [--image-size 224] [--turns 3]

FOLDER is a tree of photographs; without it, the variable IMGCLASS_PHOTOS names it. Both sides give
every image of the training split in batches, without augmentation, in turns. `cached` decodes all
images before its first epoch and keeps them; Keras decodes them in every epoch or, with `.cache()`,
keeps them as float32. A figure is the median of its turns. Then it prints what an image takes on
one core: reading and decoding it, and resizing it with all its pixels, which Keras does not.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any

from machine import describe_machine
from photo_trainings import link_splits

from imgclass import ImageFolder, open_flows
from imgclass.images.decoding import read_image
from imgclass.images.resizing import resize_image

BATCH_SIZE = 32
EPOCHS = 2
SAMPLE = 200  # images
TARGETS = (1.0, 10.0)  # times as fast as Keras without `.cache()`: first epoch, later ones


def main() -> None:
    """Take turns, and print the images a second of each side."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", default=os.environ.get("IMGCLASS_PHOTOS"))
    parser.add_argument("--image-size", type=int, default=224, help="in pixels")
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    if not (options.folder and Path(options.folder).is_dir()):
        parser.error(f"expected a folder of photographs; received {options.folder!r}")
    print(describe_machine(), flush=True)
    folder = ImageFolder.open(options.folder)
    with tempfile.TemporaryDirectory() as scratch:
        link_splits(folder.manifest, folder.root, Path(scratch))
        train, side = Path(scratch, "train"), options.image_size
        ways: dict[str, Callable[[], list[float]]] = {
            "Keras": lambda: keras_rates(train, side, is_cached=False),
            "Keras, cached": lambda: keras_rates(train, side, is_cached=True),
            "imgclass": lambda: our_rates(folder, side),
        }
        turns = [{name: way() for name, way in ways.items()} for _ in range(options.turns)]
    rates = {
        name: [median(turn[name][e] for turn in turns) for e in range(EPOCHS)] for name in ways
    }
    print(f"{folder.counts['train']:,} training images at {side} x {side}; images/s")
    for name, (first, later) in rates.items():
        print(f"  {name:14} first epoch {first:8,.0f}  later {later:8,.0f}")
    for epoch, least in zip(range(EPOCHS), TARGETS, strict=True):
        ratio = rates["imgclass"][epoch] / rates["Keras"][epoch]
        verdict = "met" if ratio >= least else "not met"
        which = ("first epoch", "later epochs")[epoch]
        print(f"  {which}: {ratio:.1f} times Keras's, at least {least:.0f}: {verdict}")
    print_parts([folder.root / sample.path for sample in folder.manifest.of("train")], side)


def print_parts(files: list[Path], side: int) -> None:
    """Print the milliseconds of an image's decoding and resizing."""
    chosen = files[:SAMPLE]
    began = time.perf_counter()
    images = [read_image(file) for file in chosen]
    decoded = time.perf_counter()
    for image in images:
        resize_image(image, (side, side))
    ended = time.perf_counter()
    decoding, resizing = (
        1e3 * seconds / len(chosen) for seconds in (decoded - began, ended - decoded)
    )
    print(f"  one core: decoding {decoding:.1f} ms an image, resizing {resizing:.1f} ms")


def our_rates(folder: ImageFolder, side: int) -> list[float]:
    """Return the images a second of each epoch; the decoding of all splits is in the first."""
    began = time.perf_counter()
    flows = open_flows(folder, image_size=side, batch_size=BATCH_SIZE)
    decoding = time.perf_counter() - began
    flow, total = flows.train_augmented, sum(folder.counts.values())
    seconds = []
    for epoch in range(EPOCHS):
        flow.start_epoch(epoch)
        seconds.append(pass_seconds(flow[index] for index in range(len(flow))))
    number = folder.counts["train"]
    seconds[0] += decoding * number / total  # the share of the training images
    return [number / each for each in seconds]


def keras_rates(train: Path, side: int, *, is_cached: bool) -> list[float]:
    """Return the images a second of each epoch."""
    import keras

    data: Any = keras.utils.image_dataset_from_directory(
        train, image_size=(side, side), batch_size=BATCH_SIZE, verbose=False
    )
    number = len(data.file_paths)
    data = (data.cache() if is_cached else data).prefetch(-1)
    return [number / pass_seconds(data) for _ in range(EPOCHS)]


def pass_seconds(batches: Iterable[Any]) -> float:
    """Take every batch, and return the seconds that it took."""
    began = time.perf_counter()
    for _ in batches:
        pass
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
