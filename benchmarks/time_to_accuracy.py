"""Test accuracy of the default recipe on CIFAR-10, in epochs' time of the reference's recipe.

    python benchmarks/time_to_accuracy.py LABELS.csv IMAGES [--epochs 4 8] [--seeds 0 1 2]
        [--width 64] [--weight-decay 0.03] [--augment light,rand_augment=1] [--tta]
        [--precision float32]

Each number of epochs, with each seed, is a whole `imgclass train` with its own schedule and all
other defaults; the split is the same for all.
Before and after each, some steps of the reference's best recipe are timed: VGG16 at 32 x 32 with
its five dense layers, all of it trained, float32, batches of 256. Their median rate gives the time
of an epoch of the reference, which is not trained to its end.

Targets are for predictions that are not averaged; with --tta those averaged over an image and its
mirror image are printed beside them.
"""

import argparse
import tempfile
import time
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from pipelines import describe_machine

from imgclass import DatasetOrganizer, Experiment, ModelSpec, Run, TrainingConfig
from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.execution import run_experiment
from imgclass.flows import preset_or_own

# Test accuracy, epochs of the reference.
TARGETS = (
    ("T1", 0.823, 0.1),
    ("T1 without bfloat16", 0.823, 0.2),
    ("T2", 0.90, 2),
    ("T2", 0.92, 6),
)
BATCH_SIZE, STEPS, IMAGE_SIZE = 256, 4, (32, 32)


def main() -> None:
    """Train once for each number of epochs, the reference's steps in between; print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("labels", type=Path, help="a CSV of ids and labels")
    parser.add_argument("images", type=Path, help="a folder of images")
    parser.add_argument("--epochs", type=int, nargs="+", default=[None])
    parser.add_argument("--width", type=int, help="instead of the architecture's own")
    parser.add_argument("--weight-decay", type=float, default=0.0)
    parser.add_argument("--augment", help="as of `imgclass train`")
    parser.add_argument("--precision", default="auto", help="float32 or mixed_bfloat16")
    parser.add_argument("--tta", action="store_true", help="score averaged predictions, too")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    arguments = parser.parse_args()
    print(describe_machine())
    with tempfile.TemporaryDirectory() as scratch:
        organizer = DatasetOrganizer(val=2_500, test=2_500, transfer="symlink")
        folder = organizer.organize(
            arguments.labels.resolve(), arguments.images.resolve(), Path(scratch, "data")
        )
        reference = Reference(num_classes=len(folder.class_names))
        for epochs, seed in product(arguments.epochs, arguments.seeds):
            experiment = Experiment(
                spec=ModelSpec(width=arguments.width),
                training=TrainingConfig(
                    epochs=epochs,
                    seed=seed,
                    weight_decay=arguments.weight_decay,
                    precision=arguments.precision,
                ),
                augmentation=preset_or_own(arguments.augment),
                tta=arguments.tta,
            )
            rates = [reference.images_a_second()]
            run = train(folder, experiment, scratch)
            rates.append(reference.images_a_second())
            report(run, epoch=folder.counts["train"] / median(rates))


class Reference:
    """The reference's best recipe, on images of noise: its time does not depend on them."""

    def __init__(self, *, num_classes: int) -> None:
        import keras

        from imgclass.models import architectures

        spec = ModelSpec(image_size=IMAGE_SIZE, pooling="max", head_units=(1024, 512, 256, 128, 64))
        self.model: Any = architectures["vgg16"](spec, num_classes)
        self.model.compile(keras.optimizers.Adam(), "categorical_crossentropy", jit_compile=False)
        rng = np.random.default_rng(0)
        self.images = rng.integers(0, 256, (BATCH_SIZE, *IMAGE_SIZE, 3)).astype(np.float32)
        labels = rng.integers(0, num_classes, BATCH_SIZE)
        self.one_hot = np.eye(num_classes, dtype=np.float32)[labels]
        self.model.train_on_batch(self.images, self.one_hot)

    def images_a_second(self) -> float:
        """Return the rate of a few training steps."""
        started = time.perf_counter()
        for _ in range(STEPS):
            self.model.train_on_batch(self.images, self.one_hot)
        return STEPS * BATCH_SIZE / (time.perf_counter() - started)


def train(folder: ImageFolder, experiment: Experiment, scratch: str) -> Run:
    """Return the run of an experiment, whose directory is gone."""
    with tempfile.TemporaryDirectory(dir=scratch) as parent:
        return run_experiment(folder, experiment, run_dir=Path(parent, "run"), progress=False)


def report(run: Run, *, epoch: float) -> None:
    """Print one training, and which targets it meets.

    Args:
        run: The training.
        epoch: Seconds of a reference epoch.
    """
    seconds, test = run.history.seconds, run.evaluation.test
    assert test is not None
    low, high = test.interval
    print(
        f"{len(run.history.epochs)} epochs, seed {run.experiment.training.seed}: {seconds:.0f} s = "
        f"{seconds / epoch:.2f} of a reference epoch's {epoch:.0f} s; "
        f"test {test.accuracy:.4f} ({low:.3f} to {high:.3f}, n={test.n:,})"
    )
    if averaged := run.evaluation.mirrored.get("test"):
        low, high = averaged.interval
        print(f"  averaged over mirror images: {averaged.accuracy:.4f} ({low:.3f} to {high:.3f})")
    for name, accuracy, share in TARGETS:
        met = test.accuracy >= accuracy and seconds <= share * epoch
        print(f"  {name}: test {accuracy} in {share} epochs: {'met' if met else 'not met'}")


if __name__ == "__main__":
    main()
