"""Images a second that each pipeline feeds: `cached` beside Keras's `flow_from_directory`.

    python benchmarks/pipelines.py [LABELS.csv IMAGES]

Without arguments it takes the folder that IMGCLASS_CIFAR10 names (`trainLabels.csv` and `train/`),
or makes images of noise. Both sides read the same organized folder with the same augmentation, one
batch after another on one thread, in turns; a figure is the median of its turns. The changes that
Keras cannot make are measured for `cached` alone, beside the preset `light`.
"""

import argparse
import csv
import os
import platform
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

from imgclass import Augmentation, DatasetOrganizer, open_flows
from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.flows import preset_or_own
from imgclass.flows.flow import Flow
from imgclass.flows.image_data_generator import make_generator

AUGMENTATIONS = {
    "rotation + zoom + shift + flip": Augmentation(
        rotation_range=15,
        zoom_range=0.1,
        width_shift_range=0.1,
        height_shift_range=0.1,
        horizontal_flip=True,
    ),
    "shift + flip": Augmentation(
        width_shift_range=0.1, height_shift_range=0.1, horizontal_flip=True
    ),
}
CACHED_ONLY = (
    "light",
    "none,mixup=0.2",
    "none,cutmix=1",
    "none,erasing=0.25",
    "none,rand_augment=2",
    "light,mixup=0.2,cutmix=1,erasing=0.25,rand_augment=2",
)
BATCH_SIZE = 64
LARGE_BATCH_SIZE = 256  # of the default recipe on CIFAR-10
KERAS_BATCHES = 32  # a turn of about half a second
CACHED_BATCHES = 320
NOISE_IMAGES = 3_000
NOISE_SIZE = (32, 32, 3)


def main() -> None:
    """Organize the images, compare the pipelines for each augmentation, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("labels", nargs="?", type=Path, help="a CSV of ids and labels")
    parser.add_argument("images", nargs="?", type=Path, help="a folder of images")
    parser.add_argument("--turns", type=int, default=7)
    arguments = parser.parse_args()
    print(describe_machine())
    with tempfile.TemporaryDirectory() as scratch:
        labels, images = find_images(arguments.labels, arguments.images, Path(scratch))
        organizer = DatasetOrganizer(transfer="symlink", check_images="header")
        folder = organizer.organize(labels.resolve(), images.resolve(), Path(scratch, "data"))
        print(f"{images}: {folder.counts['train']:,} training images")
        for name, augmentation in AUGMENTATIONS.items():
            compare(folder, name, augmentation=augmentation, turns=arguments.turns)
        measure_cached_only(folder, turns=arguments.turns)


def find_images(labels: Path | None, images: Path | None, scratch: Path) -> tuple[Path, Path]:
    """Return the CSV and the folder: given, from the environment, or made of noise."""
    if labels and images:
        return labels, images
    if home := os.environ.get("IMGCLASS_CIFAR10"):
        return Path(home, "trainLabels.csv"), Path(home, "train")
    return make_noise(scratch)


def make_noise(scratch: Path) -> tuple[Path, Path]:
    """Write JPEG images of noise and their labels."""
    rng = np.random.default_rng(0)
    labels, images = scratch / "labels.csv", scratch / "noise"
    images.mkdir()
    for i in range(NOISE_IMAGES):
        noise = rng.integers(0, 256, NOISE_SIZE, dtype=np.uint8)
        Image.fromarray(noise).save(images / f"{i}.jpg")
    with labels.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "label"), *((i, i % 10) for i in range(NOISE_IMAGES))])
    return labels, images


def compare(folder: ImageFolder, name: str, *, augmentation: Augmentation, turns: int) -> None:
    """Print the figures of both pipelines for one augmentation."""
    started = time.perf_counter()
    cached = open_flows(folder, augmentation=augmentation, batch_size=BATCH_SIZE)
    opening = time.perf_counter() - started
    keras = make_generator(augmentation).flow_from_directory(
        str(folder.root / "train"),
        target_size=cached.image_size,
        batch_size=BATCH_SIZE,
        interpolation="bilinear",
        seed=0,
    )
    figures = [
        (
            images_a_second(keras, batches=KERAS_BATCHES),
            images_a_second(cached.train_augmented, batches=CACHED_BATCHES),
            images_a_second(
                cached.train_augmented, batches=CACHED_BATCHES, threads=os.cpu_count() or 1
            ),
        )
        for _ in range(turns)
    ]
    keras_figure, one_thread, all_threads = map(median, zip(*figures, strict=True))
    print(f"\n{name}, {cached.image_size[0]} x {cached.image_size[1]}, batches of {BATCH_SIZE}")
    print(f"  flow_from_directory    {keras_figure:10,.0f} images/s")
    print(
        f"  cached                 {one_thread:10,.0f} images/s  {one_thread / keras_figure:.1f}x"
    )
    print(
        f"  cached, all processors {all_threads:10,.0f} images/s  {all_threads / keras_figure:.1f}x"
    )
    print(f"  cached, to decode all images once: {opening:.1f} s")
    print(f"  turns: {[tuple(round(figure) for figure in turn) for turn in figures]}")


def measure_cached_only(folder: ImageFolder, *, turns: int) -> None:
    """Print what `cached` feeds for each of the changes that Keras cannot make."""
    flows = {
        text: open_flows(folder, augmentation=preset_or_own(text), batch_size=LARGE_BATCH_SIZE)
        for text in CACHED_ONLY
    }
    figures: dict[str, list[float]] = {text: [] for text in flows}
    for _ in range(turns):
        for text, opened in flows.items():
            figures[text].append(images_a_second(opened.train_augmented, batches=CACHED_BATCHES))
    print(f"\ncached alone, batches of {LARGE_BATCH_SIZE}, one thread")
    for text, turned in figures.items():
        print(f"  {text:55}{median(turned):10,.0f} images/s")


def images_a_second(flow: Flow, *, batches: int, threads: int = 1) -> float:
    """Take so many batches, or all there are; return the images that came in a second."""
    indices = range(min(batches, len(flow)))
    started = time.perf_counter()
    if threads == 1:
        images = sum(len(flow[index][0]) for index in indices)
    else:
        with ThreadPoolExecutor(threads) as pool:
            images = sum(pool.map(lambda index: len(flow[index][0]), indices))
    return images / (time.perf_counter() - started)


def describe_machine() -> str:
    """Return the machine and the versions that the figures belong to."""
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("keras", "numpy", "scipy", "pillow")
    )
    return (
        f"{platform.machine()}, {os.cpu_count()} processors, {platform.system()}, "
        f"Python {platform.python_version()}, {packages}"
    )


if __name__ == "__main__":
    main()
