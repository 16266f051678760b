"""Predictions beside what Keras alone needs for them: T9.

    python benchmarks/predicting.py [--architecture cnn] [--image-size 32] [--images 10000]

The model has random weights, which do not change the time, and is saved as a run saves it. Three
pairs take turns; a figure is the median of its turns:

* a fresh process: `imgclass predict MODEL IMAGE`, and a script that imports Keras, loads the model,
  reads the image and calls `predict`
* a running process: `Classifier.predict` for one image in memory, and the model's
  `predict_on_batch` for it
* many images in memory, by both, in batches of 64
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from machine import describe_machine
from photo_trainings import QUIET
from PIL import Image

BATCH_SIZE = 64  # the most that imgclass takes
CLASSES = 10
CALLS = 50  # of a turn, for one image
# pair: what imgclass may take at most, in times of Keras's own
TARGETS = {"fresh process": 1.2, "running process": 1.3, "many images": 1.1}

SCRIPT = """
import sys, numpy as np, keras
model = keras.saving.load_model(sys.argv[1])
image = keras.utils.load_img(sys.argv[2], target_size=model.input_shape[1:3])
print(model.predict(np.asarray(image)[None], verbose=0).argmax())
"""


def main() -> None:
    """Take turns, and print both times of each pair and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--architecture", default="cnn")
    parser.add_argument("--image-size", type=int, default=32, help="in pixels")
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    print(describe_machine(), flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        model, image = Path(scratch, "model.keras"), Path(scratch, "image.jpg")
        save_model(model, options.architecture, options.image_size)
        rng = np.random.default_rng(0)
        shape = (options.images, options.image_size, options.image_size, 3)
        pixels = rng.integers(0, 256, shape, dtype=np.uint8)
        Image.fromarray(pixels[0]).save(image)
        for name, pair in pairs(model, image, pixels).items():
            compare(name, pair, turns=options.turns)


def save_model(path: Path, architecture: str, side: int) -> None:
    """Write the model of an architecture, with its classes, as a run does."""
    from imgclass.io.fs import FileSystem
    from imgclass.models import ModelSpec, architectures
    from imgclass.models import model_file as files

    spec = ModelSpec(image_size=(side, side))
    model = architectures[architecture](spec, CLASSES)
    metadata = files.describe_model(
        model,
        class_names=tuple(map(str, range(CLASSES))),
        image_size=(side, side),
        resize="stretch",
        tta=False,
        architecture=architecture,
        origin=architectures.origin(architecture),
    )
    files.save_model(model, path, metadata, files=FileSystem())


def pairs(model: Path, image: Path, pixels: Any) -> dict[str, tuple[Callable[[], Any], ...]]:
    """Return what is compared: imgclass's way, and Keras's."""
    from imgclass.serving import Classifier

    classifier = Classifier.load(model)
    keras_model, one = classifier.model, pixels[:1]
    program = Path(sys.executable).with_name("imgclass")

    def run(*words: Any) -> None:
        environment = os.environ | QUIET
        subprocess.run(words, env=environment, check=True, capture_output=True)

    def many() -> None:
        for start in range(0, len(pixels), BATCH_SIZE):
            keras_model.predict_on_batch(pixels[start : start + BATCH_SIZE])

    return {
        "fresh process": (
            lambda: run(program, "predict", model, image),
            lambda: run(sys.executable, "-c", SCRIPT, model, image),
        ),
        "running process": (
            lambda: [classifier.predict(pixels[0]) for _ in range(CALLS)],
            lambda: [keras_model.predict_on_batch(one) for _ in range(CALLS)],
        ),
        "many images": (lambda: classifier.predict(pixels), many),
    }


def compare(name: str, pair: tuple[Callable[[], Any], ...], *, turns: int) -> None:
    """Run both in turns after one call of each, and print the medians and their ratio."""
    for way in pair:
        way()
    times: list[list[float]] = [[], []]
    for _ in range(turns):
        for way, seconds in zip(pair, times, strict=True):
            began = time.perf_counter()
            way()
            seconds.append(time.perf_counter() - began)
    ours, keras = map(median, times)
    ratio, most = ours / keras, TARGETS[name]
    calls = CALLS if name == "running process" else 1
    print(
        f"{name:16} imgclass {ours / calls:8.4f} s  Keras {keras / calls:8.4f} s  ratio "
        f"{ratio:5.2f}, at most {most}: {'met' if ratio <= most else 'not met'}",
        flush=True,
    )


if __name__ == "__main__":
    main()
