"""How the cost of a training grows: with images, with classes, with the side of an image.

    python benchmarks/growth.py [--full] [--only images classes side] [--architectures cnn ...]

Each row is a training of three epochs on images of noise, in a process of its own. Printed are the
seconds to open and decode the images, those before the first epoch (compilation; of a frozen
network also its features, which are computed once), those of a later epoch, and the peak memory.
`cnn` is trained whole; `efficientnet_lite0` is frozen, with random weights, since weights do not
change the time. With --full the last line of `images` is not measured: it goes on with the straight
line through the two rows before it, and says so. The short form takes four minutes, --full about an
hour.

How organizing grows to 1,000,000 files, `organizing.py --scale` measures.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from machine import describe_machine
from PIL import Image

FROZEN = "efficientnet_lite0"
ARCHITECTURES = ("cnn", FROZEN)
DISTINCT = 50  # images of noise; the others are links to them
LINKED = 1_000 * DISTINCT  # images; then new files, as file systems limit the links of one
EPOCHS = 3
FAR = 1_000_000  # images, which the straight line leads to
KIB_PER_MB = 1e6 / 1024


@dataclass(frozen=True, slots=True)
class Task:
    """One training.

    Attributes:
        images: For training; a tenth as many, and at least one of each class, are in val.
        side: Height and width of the images, in pixels.
    """

    architecture: str
    images: int
    classes: int
    side: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What a training took, in seconds and MB.

    Attributes:
        opening: Reading the folder and decoding its images.
        before: From the start of fitting to the first epoch, and what the first takes longer than
            a later one.
        epoch: The faster of the second and third epochs, val included.
        peak: The most memory of the process; not a number if that does not follow from others,
            since what does not fit into memory waits on the disk.
    """

    opening: float
    before: float
    epoch: float
    peak: float


AXES = {
    ("images", "cnn"): (Task("cnn", 0, 10, 32), (500, 2_000, 8_000), (50_000, 200_000)),
    ("images", FROZEN): (Task(FROZEN, 0, 10, 224), (50, 100, 200), (1_000, 5_000)),
    ("classes", "cnn"): (Task("cnn", 2_000, 0, 32), (2, 100, 1_000), ()),
    ("classes", FROZEN): (Task(FROZEN, 2_000, 0, 64), (2, 100, 1_000), ()),
    ("side", "cnn"): (Task("cnn", 100, 2, 0), (32, 96, 224, 384), (64, 128, 160, 320)),
    ("side", FROZEN): (Task(FROZEN, 100, 2, 0), (32, 96, 224, 384), (64, 128, 160, 320)),
}


def main() -> None:
    """Measure along each axis, and print a table for it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=("images", "classes", "side"), metavar="AXIS")
    parser.add_argument("--architectures", nargs="+", default=ARCHITECTURES, choices=ARCHITECTURES)
    parser.add_argument("--full", action="store_true", help="more and larger points")
    options = parser.parse_args()
    print(describe_machine(), flush=True)
    for (axis, architecture), (task, short, more) in AXES.items():
        if architecture not in options.architectures or axis not in (options.only or (axis,)):
            continue
        points = sorted((*short, *(more if options.full else ())))
        print(f"\n{architecture} by {axis}: {described(task, axis)}")
        print(f"{axis:>9}  opening   before    epoch   peak MB  epoch grows as")
        costs: list[Cost] = []
        for place, point in enumerate(points):
            costs.append(measure(replace(task, **{axis: point})))
            power = exponent(points[place - 1 :], costs[place - 1 :]) if place else None
            print(line(point, costs[-1], f"{axis}^{power:.2f}" if place else ""), flush=True)
        if axis == "images" and options.full:
            print(line(FAR, extended(points, costs, FAR), "extrapolated"), flush=True)


def described(task: Task, axis: str) -> str:
    """Return what stays the same along an axis.

    Example:
        >>> described(Task("cnn", 100, 2, 0), "side")
        'images 100, classes 2'
    """
    same = {name: value for name, value in asdict(task).items() if name != "architecture"}
    return ", ".join(f"{name} {value:,}" for name, value in same.items() if name != axis)


def line(point: int, cost: Cost, remark: str) -> str:
    """Return a row of a table."""
    return (
        f"{point:9,} {cost.opening:8.2f} {cost.before:8.2f} {cost.epoch:8.2f} "
        f"{'-' if np.isnan(cost.peak) else f'{cost.peak:,.0f}':>9}  {remark}"
    ).rstrip()


def exponent(points: Sequence[int], costs: Sequence[Cost]) -> float:
    """Return the power of an axis with which the time of an epoch grows between two points.

    Example:
        >>> exponent((32, 64), (Cost(0, 0, 1.0, 0), Cost(0, 0, 4.0, 0)))
        2.0
    """
    return float(np.log(costs[1].epoch / costs[0].epoch) / np.log(points[1] / points[0]))


def extended(points: Sequence[int], costs: Sequence[Cost], point: int) -> Cost:
    """Return the times on the straight line through the last two measured ones.

    What fell between these, by chance, stays as it was last.

    Example:
        >>> extended((10, 20), (Cost(0, 1, 2.0, 100), Cost(0, 1, 3.0, 110)), 40).epoch
        5.0
    """
    share = (point - points[-1]) / (points[-1] - points[-2])
    values = {
        name: last + max(0.0, last - getattr(costs[-2], name)) * share
        for name, last in asdict(costs[-1]).items()
    }
    return Cost(**values | {"peak": float("nan")})


def measure(task: Task) -> Cost:
    """Train in a process of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        write_noise(task, Path(scratch))
        words = [sys.executable, __file__, "--train", scratch, json.dumps(asdict(task))]
        environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
        done = subprocess.run(words, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def write_noise(task: Task, root: Path) -> None:
    """Write `train/` and `val/` with JPEG images of coarse noise, most of them links."""
    rng = np.random.default_rng(0)
    originals = root / ".originals"
    originals.mkdir()
    for split, number in (("train", task.images), ("val", max(task.images // 10, task.classes))):
        folders = [root / split / f"class-{index:04}" for index in range(task.classes)]
        for folder in folders:
            folder.mkdir(parents=True)
        for index in range(number):
            original = originals / f"{split}-{index % DISTINCT}-{index // LINKED}.jpg"
            if not original.exists():
                coarse = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
                Image.fromarray(coarse).resize((task.side, task.side)).save(original)
            os.link(original, folders[index % task.classes] / f"{index}.jpg")


def train(root: str, task: Task) -> Cost:
    """Train three epochs and return what they took."""
    from imgclass import ModelSpec, Trainer, TrainingConfig, architectures, open_flows
    from imgclass.training.hardware import building

    is_frozen = task.architecture == FROZEN
    info = architectures.info(task.architecture)
    config = TrainingConfig(epochs=EPOCHS).resolve(num_images=task.images, optimizer=info.optimizer)
    assert config.batch_size is not None
    began = time.perf_counter()
    flows = open_flows(
        root,
        image_size=task.side,
        batch_size=config.batch_size,
        augmentation="none" if is_frozen else "light",
    )
    opening = time.perf_counter() - began
    with building(precision=config.precision, seed=0):
        spec = ModelSpec(image_size=flows.image_size, trainable=not is_frozen)
        model = architectures[task.architecture](spec, task.classes)
    history = Trainer(config, progress=False).fit(model, flows)
    later = [epoch.seconds for epoch in history.epochs[1:]]
    epoch = min(later)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MB
    return Cost(opening, max(0.0, history.seconds - sum(later) - epoch), epoch, peak)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--train"]:
        print(json.dumps(asdict(train(sys.argv[2], Task(**json.loads(sys.argv[3]))))))
    else:
        main()
