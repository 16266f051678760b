"""Parts of a data set trained for as many steps, or as many epochs: which curve tells the truth.

    python benchmarks/equal_steps.py DATA [--whole 4000] [--epochs 8] [--val 2500] [--keep FOLDER]

DATA is a data set such as CIFAR-10 with at least twice `--whole` train images. A power law is
fitted to val after trainings on an eighth, a quarter, half and all of `--whole` images, once with
equal steps and once with equal epochs. Printed is what each promises for twice the images, what
twice the images bring in as many steps, and what twice the epochs bring without a new image. FOLDER
keeps the runs; a benchmark that was ended goes on from them.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from machine import describe_machine

from imgclass import Experiment, ImageFolder, ModelSpec, Run, TrainingConfig, run_experiment
from imgclass.evaluation import Score
from imgclass.learning_curves.parts import nested_order, part_of
from imgclass.learning_curves.power_law import fit_power_law

PARTS = (0.125, 0.25, 0.5, 1.0)


def main() -> None:
    """Train on every part by both rules, and print what each promises."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--whole", type=int, default=4000)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--val", type=int, default=2500)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    print(describe_machine(), flush=True)
    folder = with_val(ImageFolder.open(options.data), options.val)
    whole = options.whole
    base = Experiment(
        "cnn",
        spec=ModelSpec(depth=3, width=16),
        training=TrainingConfig(epochs=options.epochs, batch_size=64, precision="float32"),
    ).resolve(part_of(folder, whole, seed=0))
    with tempfile.TemporaryDirectory() as scratch:
        place = options.keep or Path(scratch)

        def score(images: int, epochs: int) -> Score:
            run = trained(folder, images, with_epochs(base, epochs), place)
            print(f"{images:,} images, {epochs} epochs: val {run.evaluation.val}", flush=True)
            return run.evaluation.val

        sizes = [round(part * whole) for part in PARTS]
        steps = [score(n, round(options.epochs * whole / n)) for n in sizes]
        epochs = [score(n, options.epochs) for n in sizes]
        at_whole = epochs[-1].accuracy
        more_images = score(2 * whole, options.epochs // 2).accuracy - at_whole
        longer = score(whole, 2 * options.epochs).accuracy - at_whole
    print_promise("equal epochs", sizes, epochs)
    print(f"twice the epochs brought without a new image: {100 * longer:+.1f} points")
    print_promise("equal steps", sizes, steps)
    print(f"twice the images brought in as many steps: {100 * more_images:+.1f} points")


def with_val(folder: ImageFolder, most: int) -> ImageFolder:
    """Return the folder with at most so many val images."""
    kept = {sample.path for sample in nested_order(folder.manifest.of("val"), 1)[:most]}
    samples = tuple(s for s in folder.manifest.samples if s.split != "val" or s.path in kept)
    return replace(folder, manifest=replace(folder.manifest, samples=samples))


def with_epochs(experiment: Experiment, epochs: int) -> Experiment:
    """Return the experiment with other epochs."""
    return replace(experiment, training=replace(experiment.training, epochs=epochs))


def trained(folder: ImageFolder, images: int, experiment: Experiment, place: Path) -> Run:
    """Return the run of a part, trained if it is not kept."""
    run_dir = place / f"{images}-{experiment.training.epochs}"
    if run_dir.exists():
        return Run.load(run_dir)
    part = part_of(folder, images, seed=0)
    return run_experiment(part, experiment, run_dir=run_dir, progress=False)


def print_promise(rule: str, sizes: list[int], scores: list[Score]) -> None:
    """Print the gain at twice the images that a law fitted to the scores expects."""
    fit = fit_power_law(sizes, [s.n - s.correct for s in scores], [s.n for s in scores])
    whole = sizes[-1]
    gain = fit.law.error(whole) - fit.law.error(2 * whole)
    low, high = fit.gain_interval(whole, 2 * whole)
    print(
        f"promised for twice the images by {rule}: {100 * gain:+.1f} points "
        f"({100 * low:+.1f} to {100 * high:+.1f})"
    )


if __name__ == "__main__":
    main()
