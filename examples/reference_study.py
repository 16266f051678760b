"""The notebook's seven experiments, said exactly, and the three that its author asked for next.

    python examples/reference_study.py                     # small, anywhere: handwritten digits
    python examples/reference_study.py DATA --full         # ImageNet weights, 20 epochs, each whole
    python examples/reference_study.py DATA --full --only 1 --seeds 0,1,2 --weights VGG16.weights.h5
        [--precision mixed_bfloat16]

`DATA` is what `imgclass organize` made of CIFAR-10: 45,000 / 2,500 / 2,500. The winner is chosen
on val; its test accuracy is reported once. The notebook chose on test, which flatters. Its
experiment 5 said VGG19 and trained VGG16 under VGG19's preprocessing; here it is VGG19.

The first experiment, whose backbone is frozen, takes minutes on any machine. The others train all
of VGG16 or VGG19, an hour or more each on two cores with a matrix unit for bfloat16, and want a
graphics card; what was not run is named.
With `--cluster ADDRESS` the nodes of a Ray cluster train them. After a kill the same command goes
on. How much the notebook's near-duplicates add to its accuracies, `reference_leak.py` measures.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import Literal

from imgclass import (
    DatasetOrganizer,
    Experiment,
    ImageFolder,
    ModelSpec,
    Run,
    TrainingConfig,
    run_experiments,
)
from imgclass.data.digits import write_digits
from imgclass.flows import PRESETS
from imgclass.statistics import wilson_interval

FIVE, SIX = (1024, 512, 256, 128, 64), (1024, 512, 256, 128, 64, 32)


def experiment(
    architecture: str = "vgg16",
    head: tuple[int, ...] = FIVE,
    *,
    frozen: bool = False,
    pooling: Literal["avg", "max"] = "max",
    dropout: float = 0.0,
    after: int | None = None,
    l2: float = 0.0,
    batch: int = 256,
    augment: str = "none",
) -> Experiment:
    """Return one of them: Adam at 1e-3 throughout, 20 epochs, plain cross-entropy."""
    return Experiment(
        architecture=architecture,
        spec=ModelSpec(
            image_size=(32, 32),
            weights="imagenet",
            trainable=not frozen,
            pooling=pooling,
            head_units=head,
            dropout=dropout,
            dropout_after=after,
            l2=l2,
        ),
        training=TrainingConfig(
            epochs=20,
            batch_size=batch,
            optimizer="adam",
            learning_rate=1e-3,
            schedule="constant",
            label_smoothing=0.0,
            patience=50,
        ),
        augmentation=PRESETS[augment],
    )


# number: (experiment, the notebook's val and test accuracy; it kept val of two experiments)
STUDY = {
    1: (experiment(head=(256, 64), frozen=True, pooling="avg", batch=64), None, 0.6296),
    2: (
        experiment(head=(256, 64), pooling="avg", dropout=0.2, after=1, batch=64),
        0.803,
        0.8020,
    ),
    3: (experiment(), 0.806, 0.8232),
    4: (experiment(dropout=0.05, after=3), None, 0.8108),
    5: (experiment("vgg19"), None, 0.7968),
    6: (experiment(head=SIX), None, 0.8020),
    7: (experiment(head=SIX, dropout=0.1, after=4), None, 0.7980),
    # What its author asked for at the end, each on top of the best, and then together.
    8: (experiment(augment="medium"), None, None),
    9: (experiment(l2=5e-4), None, None),
    10: (experiment(dropout=0.35), None, None),
    11: (experiment(augment="medium", l2=5e-4, dropout=0.35), None, None),
}


def shrunk(whole: Experiment) -> Experiment:
    """Return an experiment that anything can run: random weights, a head a sixteenth as wide."""
    assert whole.spec.head_units is not None
    units = tuple(max(2, units // 16) for units in whole.spec.head_units)
    return replace(
        whole,
        spec=replace(whole.spec, weights=None, head_units=units),
        training=replace(whole.training, epochs=1),
    )


def small_data(out: Path, images: int) -> ImageFolder:
    """Return digits as a data set of about `images` for training."""
    labels, folder = write_digits(out / "source")
    rows = labels.read_text().splitlines()
    chosen = rows[: 1 + round(images / 0.7)]
    (out / "labels.csv").write_text("\n".join(chosen))
    organizer = DatasetOrganizer(val=0.15, test=0.15, ignore_unlabelled=True)
    return organizer.organize(out / "labels.csv", folder, out / "data")


def with_weights(experiment: Experiment, weights: str) -> Experiment:
    """Return an experiment whose backbone begins with `imagenet`, a weights file, or `random`."""
    chosen = None if weights == "random" else weights
    return replace(experiment, spec=replace(experiment.spec, weights=chosen))


def name(number: int, seed: int) -> str:
    """Return the name of a run."""
    return f"experiment-{number}-seed-{seed}"


def row(number: int, run: Run) -> str:
    """Return one line: this run beside the notebook's figures."""
    _, val_there, test_there = STUDY[number]
    val, test = run.evaluation.val, run.evaluation.test
    assert test is not None
    low, high = test.interval
    network = run.experiment.architecture
    there = " ".join("    -  " if x is None else f"{x:7.4f}" for x in (val_there, test_there))
    return (
        f"{number:2} {network} {run.evaluation.train.accuracy:6.4f} {val.accuracy:6.4f} "
        f"{test.accuracy:6.4f} ({low:.3f} to {high:.3f}) | {there}"
    )


def over_seeds(number: int, runs: Sequence[Run]) -> str:
    """Return one line: an experiment's mean over its seeds, and how far they lie apart."""
    tests = [run.evaluation.scores["test"] for run in runs]
    values = [test.accuracy for test in tests]
    low, high = wilson_interval(sum(test.correct for test in tests), sum(test.n for test in tests))
    return (
        f"{number:2} mean of {len(runs)} seeds: test {fmean(values):.4f}, seeds "
        f"{min(values):.4f} to {max(values):.4f}, interval of all their predictions "
        f"{low:.3f} to {high:.3f}; the notebook: {STUDY[number][2] or 'none'}"
    )


def not_run(numbers: Sequence[int]) -> str:
    """Name the notebook's experiments that were left out."""
    left = [str(n) for n, (_, _, test) in STUDY.items() if test and n not in numbers]
    return f"not run, of the notebook's: {', '.join(left)}" if left else ""


def main() -> None:
    """Run what was asked for, and print the two tables as one."""
    parser = argparse.ArgumentParser(description="The notebook's experiments, run again.")
    parser.add_argument("data", nargs="?", help="what `imgclass organize` made; digits if left out")
    parser.add_argument("--full", action="store_true", help="ImageNet weights and 20 epochs")
    parser.add_argument("--weights", default="imagenet", help="of --full: a file of VGG16's")
    parser.add_argument("--only", help="numbers of experiments, as in 1,3")
    parser.add_argument("--seeds", default="0", help="of the trainings, as in 0,1,2")
    parser.add_argument("--precision", default="auto", help="float32 or mixed_bfloat16")
    parser.add_argument("--images", type=int, default=200, help="of digits, to train on")
    parser.add_argument("--cluster", help="address of a Ray cluster, which trains them")
    parser.add_argument("--out", type=Path, default=Path("reference_study"))
    options = parser.parse_args()

    data = ImageFolder.open(options.data) if options.data else None
    data = data or small_data(options.out, options.images)
    numbers = [int(n) for n in options.only.split(",")] if options.only else list(STUDY)
    seeds = [int(n) for n in options.seeds.split(",")]
    asked: dict[str, Experiment] = {}
    for number, seed in product(numbers, seeds):
        whole = with_weights(STUDY[number][0], options.weights)
        one = whole if options.full else shrunk(whole)
        training = replace(one.training, seed=seed, precision=options.precision)
        asked[name(number, seed)] = replace(one, training=training)
    made = run_experiments(data, asked, out=options.out, cluster=options.cluster, tell=print)
    runs = {number: [made[name(number, seed)] for seed in seeds] for number in numbers}

    print(" # network  train    val   test  (95 % interval) |  notebook: val, test")
    for number, several in runs.items():
        for run in several:
            print(row(number, run))
        if len(several) > 1:
            print(over_seeds(number, several))
    print(conclusion({number: several[0] for number, several in runs.items()}))
    print(not_run(numbers))


def conclusion(runs: Mapping[int, Run]) -> str:
    """Say which experiment val chooses, and which are no worse beyond noise."""
    best = max(runs, key=lambda number: runs[number].evaluation.val.accuracy)
    val = runs[best].evaluation.val
    low, high = val.interval
    rivals = [n for n, r in runs.items() if r.evaluation.val.interval[1] >= low]
    others = ", ".join(str(n) for n in rivals if n != best) or "none"
    return (
        f"chosen on val: {best}, {val.accuracy:.4f} ({low:.3f} to {high:.3f})\n"
        f"no worse than it beyond noise: {others}\n"
        "Test accuracies are for the chosen one; those of the others chose nothing."
    )


if __name__ == "__main__":
    main()
