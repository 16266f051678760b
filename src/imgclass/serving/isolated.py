"""Predicting in a process of its own, which may use little and sees little."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Timer
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
from imgclass.io.strict_json import parse_json
from imgclass.serialization import dump_json, from_plain
from imgclass.serving.classifier import Classifier
from imgclass.serving.isolated_child import FLOAT, LONGEST_FAULT
from imgclass.serving.isolation import (
    GB,
    Isolation,
    bare_environment,
    bare_folder,
    require_limits,
)
from imgclass.serving.prediction import Prediction
from imgclass.text import shortened

CHILD = "imgclass.serving.isolated_child"
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


def predict_isolated(
    classifier: Classifier,
    images: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    isolation: Isolation | None = None,
) -> list[Prediction]:
    """Return one prediction an image file, in order, as `classifier.predict` would.

    The model is loaded, and the images are read, by another process that is held to limits of
    memory, time, open files and written bytes, in an empty folder, with few environment variables.
    This limits what a hostile file can do to the machine by being large, slow or broken. It is no
    security boundary: code that runs in there has the rights of the user, can read what the user
    can read, and can reach the network.

    Args:
        classifier: From `Classifier.load`, or `run.classifier`; it does not load the model.
        images: Image files, or one of them.
        isolation: The limits; those of `Isolation()` when not given.

    Raises:
        ModelFileError: The model breaks a rule that keeps files from strangers harmless.
        RunError: The model cannot be loaded, or the process ended without an answer.
        MachineError: The system cannot limit what a process uses.
        UsageError: An image is no path.

    Example:
        >>> classifier = Classifier(Path("no/model.keras"), ("cat", "dog"), (32, 32))
        >>> predict_isolated(classifier, [])
        []
    """
    require_limits()
    files = _files(images)
    if not files:
        return []
    limits = isolation or Isolation()
    absolute = [str(file.absolute()) for file in files]
    placed = replace(classifier, path=classifier.path.absolute())
    job = {"classifier": placed, "images": absolute, "isolation": limits}
    most = LINE + len(files) * (LINE_PER_IMAGE + len(classifier.class_names) * FLOAT.itemsize)
    ended = _run(dump_json(job).encode(), seconds=limits.wall_time(len(files)), most=most)
    if fault := ended.fault(limits):
        raise _ended_badly(classifier, fault)
    try:
        return _predictions(ended.said, files, absolute, classifier)
    except ValueError as error:
        if isinstance(error, ImgclassError):
            raise
        raise RunError(
            f"{classifier.path} was given to a process of its own, whose answer makes no sense: "
            f"{error} Nothing was predicted. A file that does this is not to be trusted."
        ) from error


@dataclass(frozen=True, slots=True)
class _Ended:
    """How the process ended, and what it said before."""

    said: bytes
    code: int
    seconds: float
    is_late: bool
    is_too_long: bool

    def fault(self, limits: Isolation) -> str:
        """Return what went wrong, in words that follow "which"; empty where all went well."""
        if self.is_late or self.code == -getattr(signal, "SIGXCPU", 0):
            return f"did not end in {self.seconds:.0f} s, and was ended"
        if self.is_too_long:
            return "answered more than any good answer has, and was ended"
        if self.code < 0:
            name = signal.Signals(-self.code).name
            return (
                f"was ended by {name}: its memory ({limits.memory / GB:.0f} GB) may not have been "
                f"enough, or the file makes Keras crash"
            )
        return f"ended with the code {self.code}" if self.code else ""


def _files(
    images: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
) -> Sequence[Path]:
    several = (images,) if isinstance(images, str | os.PathLike) else tuple(images)
    for image in several:
        if not isinstance(image, str | os.PathLike):
            raise UsageError(
                f"Expected paths of image files, which the isolated process reads; received a "
                f"{type(image).__name__}."
            )
    return tuple(map(Path, several))


def _run(job: bytes, *, seconds: float, most: int) -> _Ended:
    """Let the process do a job; whatever it started ends with it."""
    late = Event()
    with (
        bare_folder() as folder,
        subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
            [sys.executable, "-P", "-m", CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=bare_environment(folder),
            start_new_session=True,
        ) as child,
    ):
        assert child.stdin is not None
        assert child.stdout is not None

        def end() -> None:
            late.set()
            _kill(child)

        timer = Timer(seconds, end)
        timer.start()
        try:
            with suppress(BrokenPipeError):  # it ended before it read: its code says how
                child.stdin.write(job)
                child.stdin.close()
            said = child.stdout.read(most + 1)
            if is_too_long := len(said) > most:
                _kill(child)
            code = child.wait()
        finally:
            timer.cancel()
            _kill(child)
    return _Ended(said, code, seconds, is_late=late.is_set(), is_too_long=is_too_long)


def _kill(child: "subprocess.Popen[bytes]") -> None:
    """End the process and all that it started, which is its session."""
    if sys.platform == "win32":
        child.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)


def _predictions(
    said: bytes, files: Sequence[Path], absolute: Sequence[str], classifier: Classifier
) -> list[Prediction]:
    line, found, content = said.partition(b"\n")
    if not found:
        raise ValueError("it has no line.")
    limit = LINE + len(files) * LINE_PER_IMAGE
    answer = from_plain(_Answer, parse_json(line.decode(), limit=limit))
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
        return _ended_badly(classifier, "ran out of the memory that it was given")
    kind: Any = _KINDS.get(fault.kind, RunError)
    raised: ImgclassError = kind(shortened(fault.message))
    return raised


def _ended_badly(classifier: Classifier, how: str) -> RunError:
    return RunError(
        f"{classifier.path} was given to a process of its own, which {how}. Nothing was predicted. "
        f"Give fewer images, or get the file anew; where you trust whoever made it, do without "
        f"--isolate."
    )
