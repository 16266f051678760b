"""Compare an exported file with the model that it was made from, in another process.

The other process is `other_process.py`, which imports neither imgclass nor Keras: the file must do
without them, as it will where it is used.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from imgclass.errors import RunError
from imgclass.formatting import count, cut
from imgclass.serving.export import other_process
from imgclass.serving.export.exported import Parity
from imgclass.serving.export.formats import Format
from imgclass.serving.export.known_images import KnownImages

BATCH = 32
# Starting TensorFlow took 11 s on two busy cores, VGG16 0.3 s an image of 224 x 224.
SECONDS, SECONDS_PER_IMAGE = 180.0, 5.0
QUOTED = 600  # characters of what the other process writes to standard error

Floats = npt.NDArray[np.float32]


class Answer(NamedTuple):
    """What the other process found out.

    Attributes:
        probabilities: float32 `(n, classes)`.
        seconds_per_image: Median.
        input: What the file says of its input: `name`, `dtype`, and of int8 `scale`, `zero_point`.
        output: Likewise.
    """

    probabilities: Floats
    seconds_per_image: float
    input: dict[str, Any]
    output: dict[str, Any]


def expected_probabilities(model: Any, images: KnownImages) -> Floats:
    """Return what the model itself gives, float32 `(n, classes)`.

    It computes on the processor: a GPU may multiply with ten bits, which would be its own error.
    """
    import keras

    with keras.device("cpu:0"):
        rows = [
            np.asarray(model(images.pixels[i : i + BATCH], training=False))
            for i in range(0, len(images), BATCH)
        ]
    return np.concatenate(rows)


def ask_other_process(path: Path, to: Format, images: KnownImages) -> Answer:
    """Return what an exported file gives for images, predicted one by one in another process.

    Raises:
        RunError: The file cannot be used; the message ends with what its program says.
    """
    with tempfile.TemporaryDirectory(prefix="imgclass-") as folder:
        np.save(Path(folder, "images.npy"), images.pixels)
        # -P: the modules beside the program are not importable by it.
        words = (sys.executable, "-P", other_process.__file__, to, str(path), folder)
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter, our own program
                words,
                capture_output=True,
                check=False,
                env=_environment(),
                timeout=SECONDS + SECONDS_PER_IMAGE * len(images),
            )
        except subprocess.TimeoutExpired as error:
            raise RunError(
                f"The exported file was not compared with the run: another process took more than "
                f"{error.timeout:.0f} s for {count(len(images), 'image')}."
            ) from error
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            raise RunError(
                f"The exported file cannot be used: another process ended with the code "
                f"{done.returncode}. {cut(said, QUOTED)}"
            )
        known = json.loads(Path(folder, "answer.json").read_text(encoding="utf-8"))
        probabilities = np.load(Path(folder, "probabilities.npy"), allow_pickle=False)
    return Answer(probabilities, known["seconds_per_image"], known["input"], known["output"])


def compare(expected: Floats, answer: Answer, images: KnownImages) -> Parity:
    """Return how the file's probabilities compare with those of the model.

    Example:
        >>> images = KnownImages(np.zeros((2, 1, 1, 3), np.uint8), np.array([0, 1]))
        >>> expected = np.array([[0.9, 0.1], [0.6, 0.4]], np.float32)
        >>> answer = Answer(np.array([[0.9, 0.1], [0.4, 0.6]], np.float32), 0.01, {}, {})
        >>> parity = compare(expected, answer, images)
        >>> round(parity.largest_difference, 3), parity.agreement
        (0.2, 0.5)
        >>> parity.accuracy, parity.run_accuracy
        (1.0, 0.5)
    """
    own, others = expected.argmax(axis=1), answer.probabilities.argmax(axis=1)
    labels = images.labels
    return Parity(
        images=len(images),
        are_real=labels is not None,
        largest_difference=float(np.abs(expected - answer.probabilities).max()),
        agreement=float((own == others).mean()),
        accuracy=None if labels is None else float((others == labels).mean()),
        run_accuracy=None if labels is None else float((own == labels).mean()),
        seconds_per_image=answer.seconds_per_image,
    )


def _environment() -> dict[str, str]:
    """Return this process's environment, with what is importable here, and without a GPU."""
    return os.environ | {
        # Python ignores entries that are no text; an empty one is the working directory.
        "PYTHONPATH": os.pathsep.join(p or "." for p in sys.path if isinstance(p, str)),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
    }
