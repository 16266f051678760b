"""The answer of an untrusted process, checked against what was asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from imgclass.errors import (
    ImageError,
    ImgclassError,
    MachineError,
    ModelFileError,
    PluginError,
    RunError,
    UsageError,
)
from imgclass.formatting import shortened
from imgclass.io.strict_json import parse_json
from imgclass.serialization import from_plain
from imgclass.serving.classifier import Classifier
from imgclass.serving.isolation.child import FLOAT, LONGEST_MESSAGE
from imgclass.serving.prediction import Prediction, Predictions

# Bytes of the line of JSON: a message for each image, of up to 12 bytes a character.
LINE, LINE_PER_IMAGE = 2**16, 12 * LONGEST_MESSAGE + 10

# The only errors that the untrusted process can name.
_KINDS = {
    kind.__name__: kind
    for kind in (MachineError, ModelFileError, PluginError, RunError, UsageError)
}


@dataclass(frozen=True, slots=True)
class _Fault:
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class _Answer:
    """The line of JSON: why nothing was predicted, or an error or null for each image."""

    fault: _Fault | None = None
    errors: tuple[str | None, ...] = ()


def longest_answer(images: int, classes: int) -> int:
    """Return the most bytes of a valid answer.

    Example:
        >>> longest_answer(images=0, classes=2)
        65536
    """
    return _longest_line(images) + images * classes * FLOAT.itemsize


def _longest_line(images: int) -> int:
    return LINE + images * LINE_PER_IMAGE


def ended_badly(classifier: Classifier, how: str) -> RunError:
    """Return the error for a process without an answer; `how` it ended follows "It"."""
    return RunError(
        f"Another process should have predicted with {classifier.path}. It {how}. Nothing was "
        f"predicted. Give fewer images, or fetch the file again; if you trust whoever made it, "
        f"leave out --isolate."
    )


def predictions_of(
    content: bytes, files: Sequence[Path], absolute: Sequence[str], classifier: Classifier
) -> Predictions:
    """Return one prediction an image from a process's answer; if invalid, raise ValueError.

    `files` are the images as the caller named them, `absolute` as the process was told.
    """
    line, end, scores = content.partition(b"\n")
    if not end:
        raise ValueError("it has no line.")
    answer = from_plain(_Answer, parse_json(line.decode(), limit=_longest_line(len(files))))
    if answer.fault is not None:
        raise _error(answer.fault, classifier)
    if len(answer.errors) != len(files):
        raise ValueError(f"it has {len(answer.errors):,} images; expected {len(files):,}.")
    names = classifier.class_names
    rows = _rows(scores, answer.errors.count(None), len(names))
    return Predictions(
        tuple(
            Prediction(file, names, scores=next(rows))
            if error is None
            else Prediction(
                file, names, error=ImageError(shortened(error.replace(path, str(file))))
            )
            for file, path, error in zip(files, absolute, answer.errors, strict=True)
        )
    )


def _rows(content: bytes, images: int, classes: int) -> Iterator[np.ndarray]:
    if len(content) != images * classes * FLOAT.itemsize:
        raise ValueError(f"it has {len(content):,} bytes of probabilities.")
    rows = np.frombuffer(content, FLOAT).astype(np.float32).reshape(images, classes)
    if not (np.isfinite(rows).all() and (rows >= 0).all()):
        raise ValueError("some of its probabilities are negative or not finite.")
    return iter(rows)


def _error(fault: _Fault, classifier: Classifier) -> ImgclassError:
    if fault.kind == MemoryError.__name__:
        return ended_badly(classifier, "needed more memory than it may use")
    return _KINDS.get(fault.kind, RunError)(shortened(fault.message))
