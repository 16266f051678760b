"""One process at a time makes a run: its directory is made, held, and given back."""

import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.entry_points import Origin
from imgclass.errors import MachineError, RunError
from imgclass.experiment import Experiment
from imgclass.io.lock import held_lock
from imgclass.io.os_errors import machine_errors
from imgclass.run import directory
from imgclass.run import record as record_file
from imgclass.run.directory import CHECKPOINTS, LOCK, MODEL, OWN, RUNS, RunDirectory, now
from imgclass.run.fingerprint import fingerprint
from imgclass.run.record import RunRecord
from imgclass.training.history import Epoch


@contextmanager
def claimed(
    path: Path | None,
    *,
    experiment: Experiment,
    folder: ImageFolder,
    origin: Origin,
    parent: str = "",
) -> Iterator[RunDirectory]:
    """Make a run's directory and hold it, so that no other process takes it.

    Where nothing has been trained when the block ends by an error, the directory goes again.

    Args:
        path: A directory that does not exist; the next of `runs/<architecture>-<number>` for None.
        experiment: What is asked for; what is left open is filled in later.
        folder: The data set.
        origin: Where the architecture comes from.
        parent: The id of the run whose recommendation it follows.

    Raises:
        RunError: `path` exists.
        MachineError: The place cannot be written, or has no room.
    """
    root = _made(path, experiment.architecture)
    try:
        with _held(root):
            run = RunDirectory(
                root,
                RunRecord(
                    format=record_file.FORMAT,
                    id=uuid.uuid4().hex,
                    status="running",
                    stage="preparing",
                    data=str(folder.root.absolute()),
                    class_names=folder.class_names,
                    started=now(),
                    command=tuple(map(str, sys.argv)),
                    fingerprint=fingerprint(folder.manifest),
                    origin=origin,
                    parent=parent,
                ),
            )
            run.require_room()
            run.keep_experiment(experiment, folder.manifest)
            run.update()  # last, for with its record a directory counts as a run
            yield run
    except BaseException:
        if not (root / MODEL).exists() and not (root / CHECKPOINTS).exists():
            _discard(root)
        raise


def _discard(root: Path) -> None:
    """Remove a run in which nothing was trained; what others put there stays."""
    with suppress(OSError):
        for entry in root.iterdir():
            if entry.name in OWN or entry.name.startswith("."):
                entry.unlink()
        root.rmdir()


@contextmanager
def reopened(path: Path, known: RunRecord, epochs: tuple[Epoch, ...]) -> Iterator[RunDirectory]:
    """Hold a run that is there, to make up for a stage that it lacks.

    Raises:
        UnsafeError: A process is at work on it.
        MachineError: It cannot be written.
    """
    with _held(path):
        _sweep(path)
        run = RunDirectory(path, known)
        run.checkpoints.sweep()
        run.epochs += epochs
        yield run


def _sweep(root: Path) -> None:
    """Remove the half-written files that a killed process left; nobody else is at work here."""
    with suppress(OSError):
        for entry in root.iterdir():
            if entry.name.startswith(".") and entry.suffix in {".part", ".keras"}:
                entry.unlink()


@contextmanager
def _held(root: Path) -> Iterator[None]:
    """Hold a run's lock, and remove its file while it is held: afterwards it may be another's."""
    lock = root / LOCK
    with ExitStack() as stack:
        with machine_errors(lock):
            stack.enter_context(held_lock(str(lock), directory.FILES))
        try:
            yield
        finally:
            with suppress(OSError):  # Windows removes no file that is open; there it stays
                lock.unlink(missing_ok=True)


def numbered(architecture: str, *, parent: Path = RUNS) -> Iterator[Path]:
    """Yield `parent/<architecture>-1`, `-2` ... without end.

    Example:
        >>> [path.as_posix() for path, _ in zip(numbered("cnn"), "ab")]
        ['runs/cnn-1', 'runs/cnn-2']
    """
    name = architecture.replace(":", "-")  # of a package's own, no folder's name on Windows
    return (parent / f"{name}-{number}" for number in count(1))


def _made(path: Path | None, architecture: str) -> Path:
    """Make a directory that was not there, and return it; its name is ours from here on."""
    candidates = numbered(architecture) if path is None else iter((path,))
    for candidate in candidates:
        root = candidate.absolute()
        try:
            directory.FILES.make_directories(str(root.parent))
            directory.FILES.call(os.mkdir, root)
        except FileExistsError as error:
            if path is None:
                continue
            raise RunError(
                f"Expected a new run directory; {path} exists. Choose another (--run-dir)."
            ) from error
        except OSError as error:
            reason = error.strerror or error
            raise MachineError(
                f"Expected to make the run directory {root}: {reason}. Choose another place "
                f"(--run-dir)."
            ) from error
        return root
    raise AssertionError("the names do not end")
