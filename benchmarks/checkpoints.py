"""What checkpoints cost: the default recipe with and without them, in turns.

    python benchmarks/checkpoints.py [LABELS.csv IMAGES] [--quick] [--turns 3] [--on FOLDER]

Without a CSV and a folder it takes those that IMGCLASS_CIFAR10 names (`trainLabels.csv` and
`train/`), or makes images of noise. Each training is in a process of its own and has all defaults;
its time is that of fitting, to decode the images left out. A checkpoint is written after each
epoch, and every three minutes within a longer one. Both trainings must come to the same weights.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from pipelines import describe_machine, find_images, make_noise

from imgclass import DatasetOrganizer

HELD_OUT = 2_500  # images in val and in test, as in time_to_accuracy.py
QUICK_EPOCHS = 2
MB = 10**6


def main() -> None:
    """Take turns, and print both times and what checkpoints add."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("labels", nargs="?", type=Path, help="a CSV of ids and labels")
    parser.add_argument("images", nargs="?", type=Path, help="a folder of images")
    parser.add_argument("--quick", action="store_true", help="3,000 images of noise, two epochs")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--on", type=Path, help="where the checkpoints go: which disk counts")
    parser.add_argument("--epochs", type=int, help="instead of what the number of images gives")
    arguments = parser.parse_args()
    print(describe_machine())
    with TemporaryDirectory() as scratch, TemporaryDirectory(dir=arguments.on) as place:
        data = organize(arguments.labels, arguments.images, Path(scratch), quick=arguments.quick)
        epochs = arguments.epochs or (QUICK_EPOCHS if arguments.quick else None)
        turns = [
            [
                measure(data, epochs, checkpoints)
                for checkpoints in (None, Path(place, f"turn-{turn}"))
            ]
            for turn in range(arguments.turns)
        ]
    without, with_them = zip(*turns, strict=True)
    if len({each["weights"] for pair in turns for each in pair}) > 1:
        sys.exit("The weights differ: checkpoints change the training.")
    report(without, with_them)


def organize(labels: Path | None, images: Path | None, scratch: Path, *, quick: bool) -> Path:
    """Organize the images, or some of noise; return the data set's folder."""
    labels, images = make_noise(scratch) if quick else find_images(labels, images, scratch)
    with labels.open(encoding="utf-8") as file:
        held_out = min(HELD_OUT, sum(1 for _ in file) // 10)
    organizer = DatasetOrganizer(val=held_out, test=held_out, transfer="symlink")
    return organizer.organize(labels.resolve(), images.resolve(), scratch / "data").root


def measure(data: Path, epochs: int | None, checkpoints: Path | None) -> dict[str, Any]:
    """Return what a training in a process of its own took and came to."""
    asked = json.dumps([str(data), epochs, str(checkpoints) if checkpoints else None])
    done = subprocess.run(
        [sys.executable, __file__, "--train", asked],
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def train(data: str, epochs: int | None, checkpoints: str | None) -> None:
    """Train once, and print as JSON what it took and came to."""
    from imgclass import ModelSpec, Trainer, TrainingConfig, architectures, open_flows
    from imgclass.flows import PRESETS
    from imgclass.training.checkpoints.folder import CheckpointFolder
    from imgclass.training.checkpoints.state import TrainingState
    from imgclass.training.checkpoints.tensors import Arrays
    from imgclass.training.hardware import building

    saving: list[float] = []
    write = CheckpointFolder.write

    def timed(folder: CheckpointFolder, state: TrainingState, arrays: Arrays) -> Path:
        began = time.perf_counter()
        path = write(folder, state, arrays)
        saving.append(time.perf_counter() - began)
        return path

    num_images = len(list(Path(data, "train").glob("*/*")))
    config = TrainingConfig(epochs=epochs).resolve(num_images=num_images, optimizer="muon")
    flows = open_flows(data, batch_size=config.batch_size or 0, augmentation=PRESETS["light"])
    with building(precision=config.precision, seed=config.seed):
        spec = ModelSpec(image_size=flows.image_size)
        model = architectures["cnn"](spec, len(flows.class_names))
    with patch.object(CheckpointFolder, "write", timed):
        history = Trainer(config, progress=False).fit(model, flows, checkpoints=checkpoints)
    digest = sha256(b"".join(weights.tobytes() for weights in model.get_weights()))
    size = 0
    if checkpoints:
        newest = CheckpointFolder(Path(checkpoints)).newest().path
        size = sum(file.stat().st_size for file in newest.iterdir())
    print(
        json.dumps(
            {
                "seconds": history.seconds,
                "epochs": len(history.epochs),
                "images": len(flows.train_augmented.paths),
                "weights": digest.hexdigest(),
                "writes": saving,
                "bytes": size,
            }
        )
    )


def report(without: Any, with_them: Any) -> None:
    """Print the medians, their ratio, and what writing took."""
    plain, kept = (median(each["seconds"] for each in turns) for turns in (without, with_them))
    first = with_them[0]
    writing = median(sum(each["writes"]) for each in with_them)
    print(f"{first['images']:,} images, {first['epochs']} epochs")
    print(f"without checkpoints {plain:8.1f} s")
    print(f"with checkpoints    {kept:8.1f} s  {kept / plain:.3f}x")
    print(
        f"writing them        {writing:8.2f} s  {writing / kept:.2%} of it: "
        f"{len(first['writes'])} of {first['bytes'] / MB:.1f} MB"
    )
    turns = zip(without, with_them, strict=True)
    print(f"turns: {[tuple(round(each['seconds'], 1) for each in turn) for turn in turns]}")


if __name__ == "__main__":
    train(*json.loads(sys.argv[2])) if sys.argv[1:2] == ["--train"] else main()
