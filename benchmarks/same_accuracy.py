"""Accuracy by two ways that should be equal: two pipelines, two precisions, features and images.

    python benchmarks/same_accuracy.py [--data DATA] [--photos PHOTOS] [--seeds 0 1 2]
                                       [--images 10000] [--epochs 4]

On DATA, an organized data set such as CIFAR-10, `cnn` is trained on its first --images from the
`generator` pipeline and the `cached` one, in float32 and in bfloat16. On PHOTOS the head over a
frozen `efficientnet_lite0` is trained on features computed once, and with every image passed
through all layers in every epoch; its weights are in the extra `pretrained`. Every way is trained
with each seed and scored on val. Printed are the accuracies, and the interval of the difference of
both ways over all seeds: noise, if it holds 0.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from equal_steps import with_val
from head_recipe import trained
from machine import describe_machine

from imgclass import (
    Augmentation,
    Experiment,
    ImageFolder,
    ModelSpec,
    TrainingConfig,
)
from imgclass.evaluation import Score
from imgclass.execution.preparation import open_experiment_flows
from imgclass.learning_curves.parts import part_of
from imgclass.statistics import difference_interval

# The pipelines draw it apart, so that only the distribution is the same.
AUGMENT = Augmentation(width_shift_range=0.1, height_shift_range=0.1, horizontal_flip=True)


def main() -> None:
    """Train by both ways of each pair with each seed, and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--images", type=int, default=10_000, help="of DATA, to train on")
    parser.add_argument("--epochs", type=int, default=4, help="on DATA")
    options = parser.parse_args()
    if not options.data and not options.photos:
        parser.error("expected --data or --photos")
    print(describe_machine(), flush=True)
    if options.data:
        folder = part_of(with_val(ImageFolder.open(options.data), 2_500), options.images, seed=0)

        def cnn(
            seed: int,
            precision: Literal["float32", "mixed_bfloat16"] = "float32",
            pipeline: Literal["cached", "generator"] = "cached",
        ) -> Score:
            training = TrainingConfig(epochs=options.epochs, precision=precision, seed=seed)
            experiment = Experiment(
                "cnn", training=training, augmentation=AUGMENT, pipeline=pipeline
            )
            return score(folder, experiment)

        float32 = [shown("cached, float32", cnn, seed) for seed in options.seeds]
        by_generator = [
            shown("generator, float32", lambda s: cnn(s, pipeline="generator"), seed)
            for seed in options.seeds
        ]
        bfloat16 = [
            shown("cached, bfloat16", lambda s: cnn(s, precision="mixed_bfloat16"), seed)
            for seed in options.seeds
        ]
        print_difference("cached and generator", float32, by_generator)
        print_difference("float32 and bfloat16", float32, bfloat16)
    if options.photos:
        photos = ImageFolder.open(options.photos)

        def head(seed: int) -> Score:
            spec = ModelSpec(image_size=224, trainable=False)
            training = TrainingConfig(seed=seed)
            plain = Augmentation()
            return score(photos, Experiment("efficientnet_lite0", spec, training, plain))

        kept = [shown("features once", head, seed) for seed in options.seeds]
        with whole_passes():
            whole = [shown("whole passes", head, seed) for seed in options.seeds]
        print_difference("features and whole passes", kept, whole)


def shown(way: str, train: Callable[[int], Score], seed: int) -> Score:
    """Train by one way, print its score and its seconds, and return the score."""
    began = time.perf_counter()
    score = train(seed)
    print(f"{way}, seed {seed}: val {score}, {time.perf_counter() - began:.0f} s", flush=True)
    return score


def score(folder: ImageFolder, experiment: Experiment) -> Score:
    """Train, and return the score on val."""
    experiment = experiment.resolve(folder)
    return trained(open_experiment_flows(folder, experiment), experiment)


@contextmanager
def whole_passes() -> Iterator[None]:
    """Train without features that are computed once."""
    from imgclass.features import Part
    from imgclass.training import inner_features, phase_loop

    usual = phase_loop.learning_part
    modules: list[Any] = [phase_loop, inner_features]
    for module in modules:
        module.learning_part = lambda model, flows, **_: Part(model, flows)
    try:
        yield
    finally:
        for module in modules:
            module.learning_part = usual


def print_difference(name: str, one: list[Score], other: list[Score]) -> None:
    """Print the interval of the difference, all seeds together."""
    low, high = difference_interval(total(one), total(other))
    print(
        f"{name}: difference {100 * low:+.1f} to {100 * high:+.1f} points (95 %): "
        f"{'within noise' if low <= 0 <= high else 'more than noise'}",
        flush=True,
    )


def total(scores: list[Score]) -> tuple[int, int]:
    """Return the correct images and all, of all seeds."""
    return sum(score.correct for score in scores), sum(score.n for score in scores)


if __name__ == "__main__":
    main()
