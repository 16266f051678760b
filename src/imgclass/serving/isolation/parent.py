"""Predict in another process, with limits."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Timer

from imgclass.errors import ImgclassError, RunError, UsageError
from imgclass.serialization import dump_json
from imgclass.serving.classifier import Classifier
from imgclass.serving.inputs import Images, expand, is_one_image
from imgclass.serving.isolation.answer import ended_badly, longest_answer, predictions_of
from imgclass.serving.isolation.limits import (
    GB,
    Isolation,
    bare_environment,
    bare_folder,
    require_limits,
)
from imgclass.serving.prediction import Predictions

CHILD = "imgclass.serving.isolation.child"


def predict_isolated(
    classifier: Classifier, images: Images, *, isolation: Isolation | None = None
) -> Predictions:
    """Return one prediction an image file, in order, as `classifier.predict` would.

    Another process loads the model and reads the images, with limits of memory, time, open files
    and written bytes, an empty folder, and few environment variables. This limits what a hostile
    file can do by being large, slow or broken. It is no security boundary: code in that process has
    the rights of the user, can read what the user can read, and can reach the network.

    Args:
        classifier: From `Classifier.load`, or `run.classifier`; it does not load the model.
        images: Image files, folders of them, or one of either.
        isolation: The limits; `Isolation()` if not given.

    Raises:
        ModelFileError: The model breaks a rule that keeps files from strangers harmless.
        RunError: The model cannot be loaded, or the process ended without an answer.
        MachineError: The system cannot limit what a process uses.
        ImageError: The only image given cannot be read.
        UsageError: There is no image, or an image is no path.

    Example:
        >>> classifier = Classifier(Path("no/model.keras"), ("cat", "dog"), (32, 32))
        >>> predict_isolated(classifier, [])
        Traceback (most recent call last):
        imgclass.errors.UsageError: Expected at least one image; received an empty list.
    """
    require_limits()
    files = _files(images)
    limits = isolation or Isolation()
    absolute = [str(file.absolute()) for file in files]
    placed = replace(classifier, path=classifier.path.absolute())
    job = {"classifier": placed, "images": absolute, "isolation": limits}
    most = longest_answer(len(files), len(classifier.class_names))
    ended = _run(dump_json(job).encode(), seconds=limits.wall_time(len(files)), most=most)
    if fault := ended.fault(limits):
        raise ended_badly(classifier, fault)
    try:
        predictions = predictions_of(ended.output, files, absolute, classifier)
    except ValueError as error:
        if isinstance(error, ImgclassError):
            raise
        raise RunError(
            f"Another process predicted with {classifier.path}. Its answer is invalid: {error} "
            f"Nothing was predicted. Do not trust a file that does this."
        ) from error
    if is_one_image(images) and (unread := predictions[0].error):
        raise unread
    return predictions


def _files(images: Images) -> Sequence[Path]:
    files = []
    for image in expand(images):
        if not isinstance(image, Path):
            raise UsageError(
                "Expected paths of image files or folders, which the other process reads; received "
                "something else. Save arrays and PIL images to files first."
            )
        files.append(image)
    return files


@dataclass(frozen=True, slots=True)
class _Ended:
    """How the process ended, and what it wrote."""

    output: bytes
    code: int
    seconds: float
    is_late: bool
    is_too_long: bool

    def fault(self, limits: Isolation) -> str:
        """Return how it failed, as the end of a sentence; empty if it did not."""
        if self.is_late or self.code == -getattr(signal, "SIGXCPU", 0):
            return f"was stopped after {self.seconds:.0f} s, the most that it may take"
        if self.is_too_long:
            return "was stopped since it wrote more than any valid answer has"
        if self.code < 0:
            name = signal.Signals(-self.code).name
            return (
                f"was ended by {name}: it may have needed more than {limits.memory / GB:.0f} GB of "
                f"memory, or the file makes Keras crash"
            )
        return f"ended with the code {self.code}" if self.code else ""


def _run(job: bytes, *, seconds: float, most: int) -> _Ended:
    """Run the job in a process, and end that with everything that it started."""
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
            with suppress(BrokenPipeError):  # it ended before it read; its exit code says how
                child.stdin.write(job)
                child.stdin.close()
            output = child.stdout.read(most + 1)
            if is_too_long := len(output) > most:
                _kill(child)
            code = child.wait()
        finally:
            timer.cancel()
            _kill(child)
    return _Ended(output, code, seconds, is_late=late.is_set(), is_too_long=is_too_long)


def _kill(child: "subprocess.Popen[bytes]") -> None:
    """End the process and everything that it started."""
    if sys.platform == "win32":
        child.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
