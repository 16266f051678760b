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

from imgclass.errors import ImgclassError, RunError, UsageError
from imgclass.serialization import dump_json
from imgclass.serving.classifier import Classifier
from imgclass.serving.isolation.answer import ended_badly, longest_answer, predictions_of
from imgclass.serving.isolation.limits import (
    GB,
    Isolation,
    bare_environment,
    bare_folder,
    require_limits,
)
from imgclass.serving.prediction import Prediction

CHILD = "imgclass.serving.isolation.child"


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
    most = longest_answer(len(files), len(classifier.class_names))
    ended = _run(dump_json(job).encode(), seconds=limits.wall_time(len(files)), most=most)
    if fault := ended.fault(limits):
        raise ended_badly(classifier, fault)
    try:
        return predictions_of(ended.said, files, absolute, classifier)
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
