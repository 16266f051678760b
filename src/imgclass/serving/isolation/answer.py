"""What a process that is not trusted answers: read with caps, and held to what was asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
from imgclass.serving.isolation.child import FLOAT, LONGEST_FAULT
from imgclass.serving.prediction import Prediction

# Bytes of the answer's line: a letter takes up to 12 there, and a fault has one for each image.
LINE, LINE_PER_IMAGE = 2**16, 12 * LONGEST_FAULT + 10

# What the process may raise here. Its name comes from a process that is not trusted.
_KINDS: dict[str, type[ImgclassError]] = {
    kind.__name__: kind
    for kind in (MachineError, ModelFileError, PluginError, RunError, UsageError)
}


@dataclass(frozen=True, slots=True)
class _Fault:
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class _Answer:
    """The line that the process answers: a fault, or what is wrong with each image."""

    fault: _Fault | None = None
    errors: tuple[str | None, ...] = ()


def longest_answer(images: int, classes: int) -> int:
    """Return the most bytes that a good answer can have.

    Example:
        >>> longest_answer(images=0, classes=2)
        65536
    """
    return _longest_line(images) + images * classes * FLOAT.itemsize


def _longest_line(images: int) -> int:
    return LINE + images * LINE_PER_IMAGE


def ended_badly(classifier: Classifier, how: str) -> RunError:
    """Return the error for a process that gave no answer.

    Args:
        classifier: What it was given.
        how: How it ended, in words that follow "which".
    """
    return RunError(
        f"{classifier.path} was given to a process of its own, which {how}. Nothing was predicted. "
        f"Give fewer images, or get the file anew; where you trust whoever made it, do without "
        f"--isolate."
    )


def predictions_of(
    said: bytes, files: Sequence[Path], absolute: Sequence[str], classifier: Classifier
) -> list[Prediction]:
    """Return what a process answered, one prediction an image.

    Args:
        said: All that it said.
        files: The images, as the caller named them.
        absolute: The same, as the process knew them.
        classifier: What it was given.

    Raises:
        ValueError: The answer makes no sense.
        ImgclassError: It is an error.
    """
    line, found, content = said.partition(b"\n")
    if not found:
        raise ValueError("it has no line.")
    plain = parse_json(line.decode(), limit=_longest_line(len(files)))
    answer = from_plain(_Answer, plain)
    if answer.fault is not None:
        raise _raised(answer.fault, classifier)
    if len(answer.errors) != len(files):
        raise ValueError(f"it has {len(answer.errors):,} images; expected {len(files):,}.")
    names = classifier.class_names
    good = answer.errors.count(None)
    if len(content) != good * len(names) * FLOAT.itemsize:
        raise ValueError(f"it has {len(content):,} bytes of probabilities.")
    scores = iter(np.frombuffer(content, FLOAT).astype(np.float32).reshape(good, len(names)))
    predictions = []
    for file, path, error in zip(files, absolute, answer.errors, strict=True):
        if error is not None:
            fault = ImageError(shortened(error.replace(path, str(file))))
            predictions.append(Prediction(file, names, error=fault))
            continue
        row = next(scores)
        if not (np.isfinite(row).all() and (row >= 0).all()):
            raise ValueError("it has probabilities that are none.")
        predictions.append(Prediction(file, names, scores=row))
    return predictions


def _raised(fault: _Fault, classifier: Classifier) -> ImgclassError:
    if fault.kind == MemoryError.__name__:
        return ended_badly(classifier, "ran out of the memory that it was given")
    kind: Any = _KINDS.get(fault.kind, RunError)
    raised: ImgclassError = kind(shortened(fault.message))
    return raised
