"""Seconds to organize 50,000 small files: imgclass beside a script, bare links, split-folders.

    python benchmarks/organizing.py [LABELS.csv IMAGES] [--turns 5] [--where DIR] [--scale N ...]

Without arguments it takes the folder that IMGCLASS_CIFAR10 names (`trainLabels.csv` and `train/`),
or makes images of noise. What is compared takes turns, A B C A B C, and a figure is the median of
its turns, since a machine's speed changes more from minute to minute than the programs differ. Each
ratio says how many times the time of imgclass the other took. All but `default` do without looking
for near-duplicates, which no script does. split-folders, which knows no CSV, takes part where it is
installed, and copies from class folders that are made for it beforehand.

With --scale it organizes N files by hard link, many of them names of one, and prints the time
per file beside that of the first N.
"""

import argparse
import csv
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from PIL import Image

from imgclass import DatasetOrganizer

SPLITS = ("train", "val", "test")
HELD_OUT = 0.05
NOISE_IMAGES = 5_000
TARGETS = {
    # what imgclass does, beside what, and how many times as long that should take at least
    ("hardlink, header", "script"): 4.0,
    ("hardlink, header", "links"): 1 / 3,
    ("hardlink, full", "script"): 2.5,
    ("copy, header", "script"): 1.25,
}


def main() -> None:
    """Compare, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("labels", nargs="?", type=Path, help="a CSV of ids and labels")
    parser.add_argument("images", nargs="?", type=Path, help="a folder of images")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--where", type=Path, help="a folder on the disk to be measured")
    parser.add_argument("--scale", type=int, nargs="+", metavar="N", help="numbers of files")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.where) as name:
        scratch = Path(name)
        labels, images = find_images(arguments.labels, arguments.images, scratch)
        if arguments.scale:
            print_scale(labels, images, scratch, arguments.scale)
        else:
            print_comparison(labels, images, scratch, arguments.turns)
    print(describe_machine())


def find_images(labels: Path | None, images: Path | None, scratch: Path) -> tuple[Path, Path]:
    """Return the CSV and the folder of images: those given, CIFAR-10's, or noise."""
    if labels is not None and images is not None:
        return labels.resolve(), images.resolve()
    if home := os.environ.get("IMGCLASS_CIFAR10"):
        return Path(home, "trainLabels.csv"), Path(home, "train")
    folder = scratch / "noise"
    folder.mkdir()
    for number in range(NOISE_IMAGES):
        Image.effect_noise((32, 32), 60).convert("RGB").save(folder / f"{number}.jpg")
    rows = "".join(f"{number},class {number % 10}\n" for number in range(NOISE_IMAGES))
    (scratch / "labels.csv").write_text("id,label\n" + rows, encoding="utf-8")
    return scratch / "labels.csv", folder


def print_comparison(labels: Path, images: Path, scratch: Path, turns: int) -> None:
    """Time every way of organizing in turns, and print medians and ratios."""
    root = scratch / "data"
    files = plain_plan(labels, images, root)
    ways: dict[str, Callable[[], object]] = {
        "script": lambda: place(files, shutil.copyfile),
        "links": lambda: place(files, os.link),
    }
    for transfer, check in (("hardlink", "header"), ("hardlink", "full"), ("copy", "header")):
        organizer = DatasetOrganizer(
            val=HELD_OUT, test=HELD_OUT, transfer=transfer, check_images=check, duplicates="off"
        )
        ways[f"{transfer}, {check}"] = lambda one=organizer: one.organize(labels, images, root)
    ways |= split_folders(files, scratch / "classes", root)
    default = DatasetOrganizer(val=HELD_OUT, test=HELD_OUT)
    ways["default"] = lambda: default.organize(labels, images, root)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for path in images.iterdir():
        path.read_bytes()  # so that the first way does not pay for a cold cache
    for _ in range(turns):
        for name, way in ways.items():
            os.sync()
            began = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - began)
            shutil.rmtree(root)
    print(f"{len(files):,} files, {turns} turns")
    for name, times in seconds.items():
        low, high = min(times), max(times)
        print(f"{name:18}{median(times):7.2f} s  ({low:.2f}-{high:.2f})")
    for (ours, other), target in TARGETS.items():
        ratio = median(seconds[other]) / median(seconds[ours])
        print(f"{other} / {ours:18}{ratio:6.2f}   target: at least {target:.2f}")


def plain_plan(labels: Path, images: Path, root: Path) -> list[tuple[str, str]]:
    """Return source and target of each image, as a script would: unstratified, unchecked."""
    names = {path.stem: path.name for path in images.iterdir()}
    with labels.open(encoding="utf-8", newline="") as file:
        rows = [(row[0], row[1]) for row in list(csv.reader(file))[1:]]
    cut = int(HELD_OUT * len(rows))
    files = []
    for index, (id_, label) in enumerate(rows):
        split = "val" if index < cut else "test" if index < 2 * cut else "train"
        name = names[Path(id_).stem]
        files.append((f"{images}/{name}", f"{root}/{split}/{label}/{name}"))
    return files


def split_folders(
    files: list[tuple[str, str]], classes: Path, root: Path
) -> dict[str, Callable[[], object]]:
    """Return the way of split-folders, by copy, from class folders of links; none without it."""
    if find_spec("splitfolders") is None:
        return {}
    split = import_module("splitfolders").ratio
    by_class = [(source, str(classes.joinpath(*Path(to).parts[-2:]))) for source, to in files]
    place(by_class, os.link)
    ratio = (1 - 2 * HELD_OUT, HELD_OUT, HELD_OUT)
    return {"split-folders": lambda: split(str(classes), str(root), seed=0, ratio=ratio)}


def place(files: list[tuple[str, str]], transfer: Callable[[str, str], object]) -> None:
    """Make the directories, and transfer every file."""
    for directory in {Path(target).parent for _, target in files}:
        directory.mkdir(parents=True)
    for source, target in files:
        transfer(source, target)


def print_scale(labels: Path, images: Path, scratch: Path, sizes: list[int]) -> None:
    """Organize more and more files, each in a process of its own, and print the time per file."""
    originals = [source for source, _ in plain_plan(labels, images, scratch)]
    first = None
    for size in sizes:
        home = scratch / f"{size}"
        (home / "images").mkdir(parents=True)
        for index in range(size):
            # Copies, a thousand links each: file systems limit the names of one file.
            origin = home / "images" / f"{index - index % 1000}.jpg"
            if index % 1000:
                os.link(origin, home / "images" / f"{index}.jpg")
            else:
                shutil.copyfile(originals[index // 1000 % len(originals)], origin)
        rows = "".join(f"{index},class {index % 10}\n" for index in range(size))
        (home / "labels.csv").write_text("id,label\n" + rows, encoding="utf-8")
        took, memory = organize_apart(home)
        per_file = took / size * 1e6
        first = first or per_file
        print(
            f"{size:>10,} files {took:8.1f} s {per_file:7.1f} us a file "
            f"({per_file / first:.2f} of the first), {memory:,} MB at most"
        )
        shutil.rmtree(home)


def organize_apart(home: Path) -> tuple[float, int]:
    """Return the seconds and the peak memory in MB of organizing in a fresh process."""
    code = (
        "import sys, time, resource\n"
        "from imgclass import DatasetOrganizer\n"
        "home = sys.argv[1]\n"
        "options = dict(transfer='hardlink', check_images='header', duplicates='off')\n"
        "organizer = DatasetOrganizer(**options)\n"
        "began = time.perf_counter()\n"
        "organizer.organize(home + '/labels.csv', home + '/images', home + '/data')\n"
        "took = time.perf_counter() - began\n"
        "print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    command = [sys.executable, "-c", code, str(home)]
    answer = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    return float(answer[0]), int(answer[1]) // 1024


def describe_machine() -> str:
    """Return the machine, the versions, and the peak memory so far."""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cores} cores {platform.machine()}, Python {platform.python_version()}, "
        f"Pillow {version('pillow')}; peak memory {memory} MB"
    )


if __name__ == "__main__":
    main()
