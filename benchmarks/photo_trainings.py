"""One training on photographs as a process: `imgclass train`, or plain Keras on the same split."""

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from accuracy_figure import Curve
from commands import Outcome, run_command

from imgclass import Run
from imgclass.data.manifest import Manifest

KERAS_SCRIPT = Path(__file__).with_name("keras_transfer.py")
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3"}


@dataclass(frozen=True, slots=True)
class Ours:
    """What one `imgclass train` came to.

    Attributes:
        outcome: Seconds, memory and stages of the process.
        fitting: Seconds of the stage `training`: a frozen network's features, and fitting.
        split: The one that `accuracy` is of: test, or val where there is no test.
        accuracy: In 0-1.
        interval: 95 % of it.
        n: Images of the split.
        val: The accuracy on val, in 0-1.
        curve: The accuracy on val after each epoch, and at the end of the process.
    """

    seed: int
    architecture: str
    outcome: Outcome
    fitting: float
    split: str
    accuracy: float
    interval: tuple[float, float]
    n: int
    val: float
    curve: Curve

    def __str__(self) -> str:
        low, high = self.interval
        stages = ", ".join(f"{name} {took:.1f}" for name, took in self.outcome.stages.items())
        return (
            f"imgclass, seed {self.seed}: {self.architecture}, {self.outcome.seconds:.1f} s, "
            f"{self.split} {self.accuracy:.4f} ({low:.3f} to {high:.3f}, n={self.n:,}), val "
            f"{self.val:.4f}, peak {self.outcome.peak_mb:,.0f} MB\n"
            f"  seconds of stages: {stages}"
        )


def train(folder: Path, words: str, *, seed: int, run_dir: Path) -> Ours:
    """Run `imgclass train` with further options `words`, and read its run."""
    command = [Path(sys.executable).with_name("imgclass"), "train", folder]
    command += ["--seed", str(seed), "--run-dir", run_dir, *shlex.split(words)]
    outcome = run_command(command, run_dir=run_dir, environment=QUIET)
    run = Run.load(run_dir)
    split, score = list(run.evaluation.scores.items())[-1]
    val = run.evaluation.val.accuracy
    return Ours(
        seed=seed,
        architecture=run.experiment.architecture,
        outcome=outcome,
        fitting=outcome.stages["training"],
        split=split,
        accuracy=score.accuracy,
        interval=score.interval,
        n=score.n,
        val=val,
        curve=[*epoch_ends(run, outcome), (outcome.seconds, val)],
    )


def epoch_ends(run: Run, outcome: Outcome) -> Curve:
    """Return the seconds at which each epoch ended, and its accuracy on val."""
    seconds = [epoch.seconds for epoch in run.history.epochs]
    before = sum(outcome.stages.get(name, 0.0) for name in ("start", "preparing"))
    before += max(0.0, outcome.stages["training"] - sum(seconds))  # features, compilation
    return [
        (before + sum(seconds[: number + 1]), epoch.val_accuracy)
        for number, epoch in enumerate(run.history.epochs)
    ]


def train_keras(tree: Path, words: str, *, seconds: float) -> Curve:
    """Run keras_transfer.py with further options `words`; return its accuracy on val by seconds."""
    command = [sys.executable, KERAS_SCRIPT, tree, "--seconds", str(seconds), *shlex.split(words)]
    lines = map(json.loads, run_command(command, environment=QUIET).output.splitlines())
    return [(line["seconds"], line["val_accuracy"]) for line in lines if "val_accuracy" in line]


def link_splits(manifest: Manifest, folder: Path, tree: Path) -> None:
    """Make links to the images of a data set by split and class, as Keras reads them."""
    for number, sample in enumerate(manifest.samples):
        index = manifest.class_names.index(sample.label)
        place = tree / sample.split / f"{index:04}"
        place.mkdir(parents=True, exist_ok=True)
        source = folder.resolve() / sample.path
        (place / f"{number}{source.suffix}").symlink_to(source)
