"""The default command on photographs, beside plain Keras transfer learning: P1, P3 and P4.

    python benchmarks/photographs.py [FOLDER] [--seeds 0 1 2] [--target 0.9] [--within 60]

FOLDER is what `imgclass train` takes; without it, the variable IMGCLASS_PHOTOS names it. For each
seed, `imgclass train FOLDER` runs as a process, and then `keras_transfer.py` on the same splits,
until it has reached the same accuracy on val or has taken six times as long. Printed are the time
of the whole command, the accuracy on test (on val where there is no test) with its 95 % interval,
the seconds of each stage, the peak memory, and how many times as long Keras took.

P2 is the same command with `--train "--budget 5m" --keras=--fine-tune --keras-seconds 300
--target 0.95 --within 330`. `--keep FILE` keeps the curves, and `--figure FILE` draws them;
`--read FILE --figure FILE` draws kept ones.
"""

import argparse
import json
import os
import shlex
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from accuracy_figure import Curve, draw, time_to
from machine import describe_machine
from photo_trainings import Ours, link_splits, train, train_keras

from imgclass import Run

KERAS_LIMIT = 6  # times the seconds of imgclass
TIMES_FASTER = 5  # P1
MOST_MEMORY_MB = 2_500  # P3
MOST_BESIDES_FITTING, LONG_COMMAND = 0.2, 30.0  # P4: a share, and the seconds from which it holds


def main() -> None:
    """Measure, print, and draw if asked to."""
    options = read_options()
    if options.read:
        curves = json.loads(options.read.read_text(encoding="utf-8"))["curves"]
    else:
        machine = describe_machine()
        print(machine, flush=True)
        curves = measure(options)
        if options.keep:
            kept = json.dumps({"machine": machine, "curves": curves})
            options.keep.write_text(kept, encoding="utf-8")
    if options.figure:
        draw(curves, options.figure, target=options.target)


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", default=os.environ.get("IMGCLASS_PHOTOS"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--target", type=float, default=0.90, help="accuracy to reach, in 0-1")
    parser.add_argument("--within", type=float, default=60.0, help="seconds of the whole command")
    parser.add_argument("--train", default="", help="further options of `imgclass train`")
    parser.add_argument("--keras", default="", help="further options of keras_transfer.py")
    parser.add_argument("--keras-seconds", type=float, help="the most that Keras may take")
    parser.add_argument("--notebook", metavar="VGG16", help="weights: train its recipe, too")
    parser.add_argument("--keep", type=Path, help="keep the curves in this file")
    parser.add_argument("--read", type=Path, help="measure nothing, and read such a file")
    parser.add_argument("--figure", type=Path, help="draw the curves: an SVG file")
    options = parser.parse_args()
    if not options.read and not (options.folder and Path(options.folder).is_dir()):
        parser.error(
            f"expected a folder of photographs, or IMGCLASS_PHOTOS to name one; received "
            f"{options.folder!r}"
        )
    return options


def measure(options: argparse.Namespace) -> dict[str, list[Curve]]:
    """Run both programs in turns, print what they came to, and return their curves."""
    folder, pairs, notebook = Path(options.folder), [], []
    with tempfile.TemporaryDirectory() as scratch:
        for seed in options.seeds:
            run_dir, tree = Path(scratch, f"run-{seed}"), Path(scratch, f"tree-{seed}")
            ours = train(folder, options.train, seed=seed, run_dir=run_dir)
            print(ours, flush=True)
            link_splits(Run.load(run_dir).manifest, folder, tree)
            limit = options.keras_seconds or KERAS_LIMIT * ours.outcome.seconds
            words = f"--seed {seed} --until {ours.val} {options.keras}"
            keras = train_keras(tree, words, seconds=limit)
            print(describe_keras(keras, ours), flush=True)
            pairs.append((ours, keras))
        if options.notebook:
            words = f"--recipe notebook --weights {shlex.quote(options.notebook)}"
            notebook.append(train_keras(tree, words, seconds=limit))
            print(f"the notebook's recipe: val {notebook[0][-1][1]:.4f} after {limit:.0f} s")
    print(summary(pairs, target=options.target, within=options.within))
    return {
        "imgclass train": [ours.curve for ours, _ in pairs],
        "plain Keras": [keras for _, keras in pairs],
        "the notebook's recipe": notebook,
    }


def describe_keras(curve: Curve, ours: Ours) -> str:
    """Say when plain Keras reached the accuracy of a training of ours."""
    took, best = time_to(curve, ours.val), max((accuracy for _, accuracy in curve), default=0.0)
    how = f"{took:.1f} s to val {ours.val:.4f}" if took else f"val {ours.val:.4f} was not reached"
    return f"Keras, seed {ours.seed}: {how}; best val {best:.4f}, {len(curve)} epochs"


def summary(pairs: Sequence[tuple[Ours, Curve]], *, target: float, within: float) -> str:
    """Return the medians over the seeds, and which targets they meet.

    Where Keras did not reach an accuracy, the time of its last epoch is a lower bound.
    """
    trainings = [ours for ours, _ in pairs]
    seconds = median(ours.outcome.seconds for ours in trainings)
    accuracy = median(ours.accuracy for ours in trainings)
    memory = max(ours.outcome.peak_mb for ours in trainings)
    besides = 1 - median(ours.fitting / ours.outcome.seconds for ours in trainings)
    reached = [time_to(curve, ours.val) for ours, curve in pairs]
    ratio = median(
        (took or (curve[-1][0] if curve else 0.0)) / ours.outcome.seconds
        for took, (ours, curve) in zip(reached, pairs, strict=True)
    )
    times = f"{'' if all(reached) else 'more than '}{ratio:.1f} times"
    is_short = besides <= MOST_BESIDES_FITTING or seconds < LONG_COMMAND
    lines = {
        f"{target:.2f} within {within:.0f} s": accuracy >= target and seconds <= within,
        f"Keras took {times} as long to that val, at least {TIMES_FASTER}": ratio >= TIMES_FASTER,
        f"peak memory {memory:,.0f} MB, at most {MOST_MEMORY_MB:,}": memory <= MOST_MEMORY_MB,
        f"not fitting: {besides:.0%}, at most {MOST_BESIDES_FITTING:.0%} from 30 s on": is_short,
    }
    first = f"{trainings[0].split} {accuracy:.4f} in {seconds:.1f} s, median of {len(pairs)}"
    met = (f"{text}: {'met' if is_met else 'not met'}" for text, is_met in lines.items())
    return "\n".join((first, *met))


if __name__ == "__main__":
    main()
