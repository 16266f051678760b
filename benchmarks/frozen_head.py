"""Training the head of a frozen VGG16: features computed once, beside Keras's `fit`: T6.

    python benchmarks/frozen_head.py WEIGHTS [--cifar FOLDER] [--photos FOLDER] [--images 5000]

WEIGHTS is a file of VGG16's ImageNet weights without its top. On each data set the same head
(256 and 64 units) is trained for the same epochs, with the same optimizer, batches and precision,
by Keras's `fit` on the model with `trainable=False`, and by `Trainer`. Keras passes every image
through the frozen layers in every epoch. They take turns; a figure is the median of its turns.
Images are in memory, so no decoding is in either figure.

--cifar, or the variable IMGCLASS_CIFAR10, names a folder of `trainLabels.csv` and `train/`, whose
first --images are taken at 32 x 32; --photos, or IMGCLASS_PHOTOS, names a tree of photographs,
taken at 128 x 128.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from machine import describe_machine

from imgclass import DatasetOrganizer, ImageFolder, ModelSpec, Trainer, TrainingConfig, evaluate
from imgclass.evaluation import Score
from imgclass.flows import Flows, open_flows
from imgclass.statistics import difference_interval

HEAD = (256, 64)  # of the notebook's first experiment
CIFAR_SIDE, PHOTO_SIDE = 32, 128
HELD_OUT = 0.2  # each for val and test: accuracies of small sets need images
TIMES_FASTER = 10  # T6


def main() -> None:
    """Compare both on each data set, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path, help="VGG16's, without its top")
    parser.add_argument("--cifar", default=os.environ.get("IMGCLASS_CIFAR10"))
    parser.add_argument("--photos", default=os.environ.get("IMGCLASS_PHOTOS"))
    parser.add_argument("--images", type=int, default=5_000, help="of CIFAR-10")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--precision", default="auto")
    options = parser.parse_args()
    if not options.cifar and not options.photos:
        parser.error("expected --cifar or --photos, or IMGCLASS_CIFAR10 or IMGCLASS_PHOTOS")
    print(describe_machine(), flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        if options.cifar:
            folder = first_images(Path(options.cifar).resolve(), options.images, Path(scratch))
            compare("CIFAR-10", folder, CIFAR_SIDE, options)
        if options.photos:
            compare("photographs", ImageFolder.open(options.photos), PHOTO_SIDE, options)


def first_images(source: Path, number: int, scratch: Path) -> ImageFolder:
    """Organize the first images of a CSV."""
    header, *rows = (source / "trainLabels.csv").read_text(encoding="utf-8").splitlines()
    labels = scratch / "labels.csv"
    labels.write_text("\n".join((header, *rows[:number])), encoding="utf-8")
    organizer = DatasetOrganizer(
        val=HELD_OUT, test=HELD_OUT, transfer="symlink", ignore_unlabelled=True
    )
    return organizer.organize(labels, source / "train", scratch / "data")


def compare(name: str, folder: ImageFolder, side: int, options: argparse.Namespace) -> None:
    """Train with both in turns, and print seconds, accuracies and the ratio."""
    config = TrainingConfig(
        epochs=options.epochs, optimizer="adam", label_smoothing=0.0, precision=options.precision
    ).resolve(num_images=folder.counts["train"])
    assert config.batch_size is not None
    flows = open_flows(folder, image_size=side, batch_size=config.batch_size)
    ways: dict[str, Callable[..., None]] = {"Keras": fit_with_keras, "imgclass": fit_with_trainer}
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    scores: dict[str, Score] = {}
    for turn in range(options.turns):
        for way, fit in ways.items():
            model = frozen_vgg16(flows, options.weights, config, seed=turn)
            began = time.perf_counter()
            fit(model, flows, config)
            seconds[way].append(time.perf_counter() - began)
            evaluation = evaluate(model, flows)
            scores[way] = evaluation.test or evaluation.val
    print(
        f"{name}: {folder.counts['train']:,} training images at {side} x {side}, {config.epochs} "
        f"epochs in batches of {config.batch_size}, {options.turns} turns"
    )
    for way, score in scores.items():
        print(f"  {way:9}{median(seconds[way]):8.1f} s  {score}  turns: {rounded(seconds[way])}")
    ratio = median(seconds["Keras"]) / median(seconds["imgclass"])
    low, high = difference_interval(*((score.correct, score.n) for score in scores.values()))
    print(
        f"  ratio {ratio:.1f}, at least {TIMES_FASTER}: "
        f"{'met' if ratio >= TIMES_FASTER else 'not met'}; difference of accuracies "
        f"{low:+.3f} to {high:+.3f}: {'within noise' if low <= 0 <= high else 'more than noise'}",
        flush=True,
    )


def frozen_vgg16(flows: Flows, weights: Path, config: TrainingConfig, *, seed: int) -> Any:
    """Return the model with real weights, whose head alone is trained."""
    from imgclass.models import architectures
    from imgclass.training.hardware import building

    spec = ModelSpec(
        image_size=flows.image_size, weights=str(weights), trainable=False, head_units=HEAD
    )
    with building(precision=config.precision, seed=seed):
        return architectures["vgg16"](spec, len(flows.class_names))


def fit_with_keras(model: Any, flows: Flows, config: TrainingConfig) -> None:
    """Train the head with Keras's `fit`, which does not know that the rest is frozen."""
    from imgclass.training.hardware import choose_compilation
    from imgclass.training.recipe import make_loss, make_metrics, make_optimizer

    assert config.epochs is not None
    model.compile(
        make_optimizer(config, total_steps=config.epochs * len(flows.train)),
        loss=make_loss(config),
        metrics=make_metrics(config),
        jit_compile=choose_compilation(),
    )
    model.fit(
        flows.train_augmented,
        validation_data=flows.val,
        epochs=config.epochs,
        shuffle=False,
        verbose=0,
    )


def fit_with_trainer(model: Any, flows: Flows, config: TrainingConfig) -> None:
    """Train the head as a run does."""
    Trainer(config, progress=False).fit(model, flows)


def rounded(seconds: list[float]) -> str:
    """Return seconds as words."""
    return ", ".join(f"{value:.1f} s" for value in seconds)


if __name__ == "__main__":
    main()
