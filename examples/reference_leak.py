"""How much of a test accuracy comes from near-duplicates of test images in train.

    python examples/reference_leak.py LABELS.csv IMAGES --weights VGG16.weights.h5 [--seeds 0 1 2]
        [--experiment 3 --only-random]

An experiment of `reference_study.py` (the first, whose backbone is frozen; --experiment names
another) is trained on two kinds of splits of the same images: one that keeps near-duplicates
together, and one at random, as the notebook made it, where some test image may have a
near-duplicate in train. Each seed is a split and a training of its own. Of the random splits, the
test images with a near-duplicate in train are scored apart from the others, so the random split
alone, `--only-random`, already says what the leak adds, in half the time.
"""

import argparse
import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from reference_study import STUDY, with_weights

from imgclass import DatasetOrganizer, ImageFolder, Run, run_experiment
from imgclass.statistics import wilson_interval

HELD_OUT = 0.05  # of the images, each for val and test: the notebook's 2,500 of 50,000
Hits = list[bool]  # whether each image was classified correctly


def leak_free(labels: Path, images: Path, root: Path, seed: int) -> ImageFolder:
    """Return a split that keeps near-duplicates together, stratified by class."""
    organizer = DatasetOrganizer(val=HELD_OUT, test=HELD_OUT, seed=seed, transfer="symlink")
    return organizer.organize(labels, images, root)


def at_random(labels: Path, images: Path, root: Path, seed: int) -> ImageFolder:
    """Return the notebook's kind of split: shuffled and cut, neither stratified nor grouped."""
    with labels.open(encoding="utf-8", newline="") as file:
        rows = [(row["id"], row["label"]) for row in csv.DictReader(file)]
    random.Random(seed).shuffle(rows)  # noqa: S311 - a split is no secret
    held_out = round(HELD_OUT * len(rows))
    names = {path.stem: path for path in images.resolve().iterdir()}
    for number, (id_, label) in enumerate(rows):
        split = ("val", "test", "train")[min(number // held_out, 2)]
        place = root / split / label
        place.mkdir(parents=True, exist_ok=True)
        (place / names[id_].name).symlink_to(names[id_])
    return ImageFolder.open(root)


def near_duplicates(folder: ImageFolder) -> dict[str, set[str]]:
    """Return the near-duplicates of each image, by file name, that organizing found."""
    found: dict[str, set[str]] = {}
    for pair in folder.left_out.duplicates:
        found.setdefault(pair.a, set()).add(pair.b)
        found.setdefault(pair.b, set()).add(pair.a)
    return found


def hits(run: Run, duplicates: dict[str, set[str]]) -> tuple[Hits, Hits]:
    """Return the test images with a near-duplicate in train, and the others: right or wrong."""
    table = run.evaluation.predictions
    names = table["path"].map(lambda path: Path(path).name)
    trained_on = set(names[table["split"] == "train"])
    is_test = table["split"] == "test"
    is_right = (table["label"] == table["predicted"])[is_test]
    leaks = names[is_test].map(lambda name: bool(duplicates.get(name, set()) & trained_on))
    leaks = leaks.astype(bool)
    return is_right[leaks].tolist(), is_right[~leaks].tolist()


def accuracy(right: Hits) -> str:
    """Return an accuracy with its 95 % interval.

    Example:
        >>> accuracy([True, True, False, False])
        '0.5000 (0.150 to 0.850, n=4)'
    """
    if not right:
        return "none"
    low, high = wilson_interval(sum(right), len(right))
    return f"{sum(right) / len(right):.4f} ({low:.3f} to {high:.3f}, n={len(right):,})"


def joined(parts: Iterable[Hits]) -> Hits:
    """Return the images of several seeds together."""
    return [each for part in parts for each in part]


def report(
    number: int, free: Sequence[tuple[Hits, Hits]], shuffled: Sequence[tuple[Hits, Hits]]
) -> str:
    """Return the lines that say what the leak adds, over all seeds together."""
    leaking, others = (joined(part) for part in zip(*shuffled, strict=True))
    everything = leaking + others
    added = sum(everything) / len(everything) - sum(others) / len(others) if others else 0.0
    _, _, notebook = STUDY[number]
    return "\n".join(
        (
            f"experiment {number}, test, all seeds together",
            f"near-duplicates kept together      {accuracy(joined(a + b for a, b in free))}",
            f"split at random                    {accuracy(everything)}",
            f"  with a near-duplicate in train   {accuracy(leaking)}",
            f"  without one                      {accuracy(others)}",
            f"  the leak adds                    {added:+.4f}",
            f"the notebook, split at random      {notebook or 'unknown'}",
        )
    )


def main() -> None:
    """Train on both kinds of splits with each seed, and print what the leak adds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("labels", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("--weights", default="imagenet", help="VGG16's ImageNet weights")
    parser.add_argument("--experiment", type=int, choices=STUDY, default=1)
    parser.add_argument("--epochs", type=int, help="instead of the experiment's 20")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--only-random", action="store_true", help="train on random splits alone")
    parser.add_argument("--out", type=Path, default=Path("reference_leak"))
    options = parser.parse_args()
    labels, images = options.labels.resolve(), options.images.resolve()
    ways = {"together": leak_free, "random": at_random}
    found: dict[str, list[tuple[Hits, Hits]]] = {way: [] for way in ways}
    duplicates: dict[str, set[str]] = {}
    for seed in options.seeds:
        experiment = with_weights(STUDY[options.experiment][0], options.weights)
        epochs = options.epochs or experiment.training.epochs
        training = replace(experiment.training, seed=seed, epochs=epochs)
        for way, split in ways.items():
            folder = split(labels, images, options.out / f"{way}-{seed}", seed)
            duplicates = duplicates or near_duplicates(folder)
            if options.only_random and way == "together":
                continue
            run = run_experiment(
                folder,
                replace(experiment, training=training),
                run_dir=options.out / f"run-{way}-{seed}",
            )
            found[way].append(hits(run, duplicates))
            scores = "  ".join(f"{name} {score}" for name, score in run.evaluation.scores.items())
            print(f"{way}, seed {seed}: {scores}", flush=True)
    print(report(options.experiment, found["together"], found["random"]))


if __name__ == "__main__":
    main()
