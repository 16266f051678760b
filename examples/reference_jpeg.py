"""How much of a test accuracy the compression of JPEG files costs.

    python examples/reference_jpeg.py DATA --weights VGG16.weights.h5 [--seeds 0 1 2]

The uncompressed images are not at hand, so what one compression costs is measured by another one:
every image of `DATA`, which `imgclass organize` made of JPEG files, is compressed once more with
the tables of its own file, on blocks that begin elsewhere (on the same blocks nothing would
change), and an experiment of `reference_study.py` is trained and scored on these images as on the
files. `--times 2` does it once more.
"""

import argparse
import math
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import numpy as np
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile, get_sampling
from reference_leak import Hits, accuracy, joined
from reference_study import STUDY, with_weights

from imgclass import ImageFolder, Run, run_experiment
from imgclass.formatting import count

SHIFT = 5  # pixels; blocks are 8 wide, and those of colours at half the resolution 16


def compress(image: Image.Image, like: JpegImageFile, shift: int) -> Image.Image:
    """Compress an image with the tables of a JPEG file, on blocks that begin elsewhere.

    Args:
        image: In RGB.
        like: An opened JPEG file.
        shift: By how many pixels the image is moved right and down before it is cut into blocks.

    Returns:
        What is read after that, as large as `image`.
    """
    pixels = np.pad(np.asarray(image), ((shift, 0), (shift, 0), (0, 0)), mode="symmetric")
    file = BytesIO()
    Image.fromarray(pixels).save(
        file,
        "JPEG",
        qtables=like.quantization,
        subsampling=get_sampling(like),
    )
    return Image.open(file).crop((shift, shift, shift + image.width, shift + image.height))


def decibels(a: Image.Image, b: Image.Image) -> float:
    """Return the peak signal-to-noise ratio between two images, at most 99 dB."""
    difference = np.asarray(a, dtype=float) - np.asarray(b, dtype=float)
    mean_square = float(np.mean(difference**2))
    return min(99.0, 10 * math.log10(255**2 / mean_square)) if mean_square else 99.0


def compressed_again(folder: ImageFolder, times: int, root: Path) -> tuple[ImageFolder, float]:
    """Write the images of a data set as PNG files, compressed `times` more than they were.

    Returns:
        The new data set in the same splits, and the mean PSNR of one compression.
    """
    ratios = []
    for sample in folder.manifest.samples:
        with Image.open(folder.root / sample.path) as file:
            if not isinstance(file, JpegImageFile):
                raise SystemExit(f"{sample.path} is no JPEG file; this measures JPEG compression")
            before = image = file.convert("RGB")
            for time in range(1, times + 1):
                before, image = image, compress(image, file, time * SHIFT)
        ratios.append(decibels(before, image))
        place = (root / sample.path).with_suffix(".png")
        place.parent.mkdir(parents=True, exist_ok=True)
        image.save(place)
    return ImageFolder.open(root), fmean(ratios)


def hits(run: Run) -> Hits:
    """Return whether each test image was classified correctly."""
    table = run.evaluation.predictions
    return (table["label"] == table["predicted"])[table["split"] == "test"].tolist()


def report(number: int, found: Sequence[Sequence[Hits]]) -> str:
    """Return the lines that say what another compression costs.

    Args:
        number: Of the experiment.
        found: For each number of compressions from 0, the test images of each seed.
    """
    lines = [f"experiment {number}, test, all seeds together"]
    for times, runs in enumerate(found):
        name = f"compressed {count(times, 'time')} more" if times else "the files as they are"
        lines.append(f"{name:26} {accuracy(joined(runs))}")
    for times, (before, after) in enumerate(pairwise(found), start=1):
        costs = [fmean(a) - fmean(b) for a, b in zip(before, after, strict=True)]
        each = ", ".join(f"{cost:+.4f}" for cost in costs)
        lines.append(f"compression {times} more costs  {fmean(costs):+.4f} (each seed: {each})")
    return "\n".join(lines)


def main() -> None:
    """Train on the files and on the images compressed again, and print what that costs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="what `imgclass organize` made of JPEG files")
    parser.add_argument("--weights", default="imagenet", help="VGG16's ImageNet weights")
    parser.add_argument("--experiment", type=int, choices=STUDY, default=1)
    parser.add_argument("--epochs", type=int, help="instead of the experiment's 20")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--times", type=int, default=1, help="more compressions, one after another")
    parser.add_argument("--out", type=Path, default=Path("reference_jpeg"))
    options = parser.parse_args()
    folder = ImageFolder.open(options.data)
    experiment = with_weights(STUDY[options.experiment][0], options.weights)
    epochs = options.epochs or experiment.training.epochs
    found = []
    for times in range(options.times + 1):
        if times:
            data, ratio = compressed_again(folder, times, options.out / f"data-{times}")
            print(f"compression {times} more: {ratio:.1f} dB", flush=True)
        else:
            data = folder
        runs = []
        for seed in options.seeds:
            training = replace(experiment.training, seed=seed, epochs=epochs)
            run = run_experiment(
                data,
                replace(experiment, training=training),
                run_dir=options.out / f"run-{times}-{seed}",
            )
            runs.append(hits(run))
            scores = "  ".join(f"{name} {score}" for name, score in run.evaluation.scores.items())
            print(f"{times} more, seed {seed}: {scores}", flush=True)
        found.append(runs)
    print(report(options.experiment, found))


if __name__ == "__main__":
    main()
