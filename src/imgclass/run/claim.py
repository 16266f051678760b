"""Claim a run's directory, so that only one process at a time writes to it."""

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
    """Make and lock a new run directory; None makes the next `runs/<architecture>-<number>`.

    If the block ends with an error before anything was trained, the directory is removed.
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
            run.update()  # last: a directory with a record counts as a run
            yield run
    except BaseException:
        if not (root / MODEL).exists() and not (root / CHECKPOINTS).exists():
            _discard(root)
        raise


def _discard(root: Path) -> None:
    """Remove a run in which nothing was trained; files of others stay."""
    with suppress(OSError):
        for entry in root.iterdir():
            if entry.name in OWN or entry.name.startswith("."):
                entry.unlink()
        root.rmdir()


@contextmanager
def reopened(path: Path, known: RunRecord, epochs: tuple[Epoch, ...]) -> Iterator[RunDirectory]:
    """Lock an existing run, to repeat a stage or to resume it."""
    with _held(path):
        _sweep(path)
        run = RunDirectory(path, known)
        run.checkpoints.sweep()
        run.epochs += epochs
        yield run


def _sweep(root: Path) -> None:
    """Remove the half-written files of a killed process; the caller holds the lock."""
    with suppress(OSError):
        for entry in root.iterdir():
            if entry.name.startswith(".") and entry.suffix in {".part", ".keras"}:
                entry.unlink()


@contextmanager
def _held(root: Path) -> Iterator[None]:
    """Hold a run's lock; its file is removed before the release, as later it may be another's."""
    lock = root / LOCK
    with ExitStack() as stack:
        with machine_errors(lock):
            stack.enter_context(held_lock(str(lock), directory.FILES))
        try:
            yield
        finally:
            with suppress(OSError):  # Windows cannot remove an open file
                lock.unlink(missing_ok=True)


def numbered(architecture: str, *, parent: Path = RUNS) -> Iterator[Path]:
    """Yield `parent/<architecture>-1`, `-2` ... without end.

    Example:
        >>> [path.as_posix() for path, _ in zip(numbered("cnn"), "ab")]
        ['runs/cnn-1', 'runs/cnn-2']
    """
    name = architecture.replace(":", "-")  # a name such as package:net is no folder on Windows
    return (parent / f"{name}-{number}" for number in count(1))


def _made(path: Path | None, architecture: str) -> Path:
    """Make a new directory, which reserves its name."""
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
