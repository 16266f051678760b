"""The process in which `predict_isolated` loads a model.

It reads its job from standard input, sets its own limits, and answers with one line of JSON,
followed by the probabilities as float32.
"""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from imgclass.errors import ImgclassError, RunError
from imgclass.formatting import shortened
from imgclass.serialization import from_plain
from imgclass.serving.classifier import Classifier
from imgclass.serving.isolation.limits import Isolation, limit_this_process
from imgclass.serving.prediction import Predictions

LONGEST_MESSAGE = 1000  # characters
FLOAT = np.dtype("<f4")


def main() -> None:
    """Read the job, do it and answer."""
    job = json.loads(sys.stdin.buffer.read())
    with _own_channel() as channel:
        limit_this_process(from_plain(Isolation, job["isolation"]), images=len(job["images"]))
        tempfile.tempdir = str(Path.cwd())  # else Python tries folders by writing to them
        line, content = _answer(from_plain(Classifier, job["classifier"]), job["images"])
        channel.write(json.dumps(line).encode() + b"\n" + content)
    os._exit(0)  # do not wait for threads that the model may have started


def _own_channel() -> BinaryIO:
    """Keep standard output for the answer; discard what libraries print."""
    channel, nowhere = os.dup(1), os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    return os.fdopen(channel, "wb")


def _answer(classifier: Classifier, images: list[str]) -> tuple[dict[str, Any], bytes]:
    try:
        predictions = classifier.predict(images)
    except ImgclassError as error:
        return _fault(type(error).__name__, str(error)), b""
    except (MemoryError, SystemError):  # SystemError: an extension module without memory
        return _fault("MemoryError", ""), b""
    except Exception as error:  # noqa: BLE001 - Keras and a stranger's layers raise what they like
        if "OOM" in str(error):  # TensorFlow's own word
            return _fault("MemoryError", ""), b""
        cause = f"{type(error).__name__}: {error}"
        return _fault(RunError.__name__, f"{classifier.path} could not be used: {cause}"), b""
    errors = [str(p.error)[:LONGEST_MESSAGE] if p.error else None for p in predictions]
    return {"errors": errors}, _scores(predictions)


def _fault(kind: str, message: str) -> dict[str, Any]:
    return {"fault": {"kind": kind, "message": shortened(message, lines=5)[:LONGEST_MESSAGE]}}


def _scores(predictions: Predictions) -> bytes:
    """Return the probabilities of the images that could be read."""
    rows = (prediction.scores for prediction in predictions if prediction.scores is not None)
    return b"".join(row.astype(FLOAT, copy=False).tobytes() for row in rows)


if __name__ == "__main__":
    main()
