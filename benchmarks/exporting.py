"""Exported files beside the models that they were made from, for every built-in architecture.

    python benchmarks/exporting.py [--only cnn,resnet] [--formats onnx,litert] [--images 16]

Nothing is trained: each architecture is built with random weights, exported to each format, and
predicts images of noise in another process. A row has the largest difference of a probability from
Keras's, with a ! if an export of a run may not differ so much; of int8 the share of images with the
same class; and sizes of files. A network of random weights gives all classes nearly the same
probability, so batch normalisation gets the statistics of the images and the last layer larger
weights first: the probabilities are then as far apart as after a training, and rounding counts
more.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from machine import describe_machine

from imgclass.models import ModelSpec, architectures
from imgclass.serving.export import TOLERANCES, KnownImages, noise_images
from imgclass.serving.export.parity import ask_other_process, compare, expected_probabilities
from imgclass.serving.export.publication import size_of
from imgclass.serving.export.writing import write_model

CLASSES = 10
SIDE = 64  # pixels, or what the architecture needs
SIZED = ("onnx", "litert-int8")
EXPORTS = ("savedmodel", "onnx", "litert", "litert-float16", "litert-int8")
CALIBRATED = 64  # images
SPREAD = 2.0  # standard deviation of the logits: the surest class of ten then has about 60 %


@dataclass(frozen=True, slots=True)
class Exported:
    """What came of one export.

    Attributes:
        figure: The largest difference of a probability; of int8 the share with the same class.
        megabytes: Of the file.
        fault: Why there is no file that predicts; empty if there is one.
    """

    figure: str
    megabytes: str = ""
    fault: str = ""


def main() -> None:
    """Print a row for each architecture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="architectures, separated by commas")
    parser.add_argument("--formats", default=",".join(EXPORTS))
    parser.add_argument("--images", type=int, default=16)
    options = parser.parse_args()
    formats, faults = options.formats.split(","), []
    print(describe_machine(), flush=True)
    head = ("architecture", "side", *formats, *(f"MB {name}" for name in SIZED if name in formats))
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head), flush=True)
    for name in options.only.split(",") if options.only else sorted(architectures):
        side = max(SIDE, architectures.info(name).minimum_size)
        made = dict(zip(formats, exports(name, side, formats, options.images), strict=True))
        sizes = (made[each].megabytes for each in SIZED if each in made)
        cells = (name, str(side), *(each.figure for each in made.values()), *sizes)
        print("| " + " | ".join(cells) + " |", flush=True)
        faults += [f"{name} {each}: {one.fault}" for each, one in made.items() if one.fault]
    print("\n".join(faults))


def exports(name: str, side: int, formats: list[str], n: int) -> Iterator[Exported]:
    """Yield what comes of an architecture in each format."""
    import keras

    keras.utils.set_random_seed(0)
    model = architectures[name](ModelSpec(image_size=(side, side), weights="random"), CLASSES)
    known = noise_images((side, side), CALIBRATED + n)
    spread(model, known.pixels[:CALIBRATED])
    images = KnownImages(known.pixels[CALIBRATED:], None)
    expected = expected_probabilities(model, images)
    for each in formats:
        to, _, precision = each.partition("-")
        precision = precision or "float32"
        try:
            with tempfile.TemporaryDirectory() as folder:
                path = write_model(
                    model,
                    Path(folder),
                    to=to,  # type: ignore[arg-type]
                    precision=precision,  # type: ignore[arg-type]
                    calibration=known.pixels[:CALIBRATED],
                )
                size = f"{size_of(path) / 1e6:.1f}"
                answer = ask_other_process(path, to, images)  # type: ignore[arg-type]
        except Exception as error:  # noqa: BLE001 - the other formats are wanted all the same
            yield Exported("none", fault=f"{type(error).__name__}: {error}"[:300])
            continue
        parity = compare(expected, answer, images)
        limit = TOLERANCES[precision].difference  # type: ignore[index]
        if limit is None:  # int8 is not judged: an untrained network is in doubt about noise
            yield Exported(f"{parity.agreement:.0%}", size)
        else:
            is_kept = parity.largest_difference <= limit
            yield Exported(f"{parity.largest_difference:.1e}{'' if is_kept else ' !'}", size)


def spread(model: Any, images: np.ndarray) -> None:
    """Give batch normalisation its statistics, and the last layer logits of the usual size."""
    import keras

    model.trainable = True
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0  # the statistics are those of this batch alone
    model(images.astype("float32"), training=True)
    logits = model.get_layer("logits")
    before = keras.Model(model.inputs, logits.output).predict(images, verbose=0)
    kernel, *bias = logits.get_weights()
    factor = SPREAD / max(float(before.std(axis=0).mean()), 1e-6)
    centre = before.mean(axis=0) * factor
    logits.set_weights([kernel * factor, *(b - centre for b in bias)])


if __name__ == "__main__":
    main()
