"""The folders of one organizing, and what every step needs: files, progress, the lock."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

from imgclass.data.dataset.record import DATASET, MANIFEST
from imgclass.errors import (
    DatasetError,
    ImgclassError,
    InterruptedRunError,
    MachineError,
    UnsafeError,
)
from imgclass.global_state import collecting_later
from imgclass.io.fs import FileSystem
from imgclass.io.lock import held_lock
from imgclass.io.regular_file import is_directory
from imgclass.io.workers.jobs import Job
from imgclass.io.workers.pool import run_jobs
from imgclass.io.workers.progress import Progress, Steps, following

PathLike = str | os.PathLike[str]

FILES = FileSystem()
"""The file system of every workspace; tests put one here that fails."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where images come from, where the data set goes, and how far the work is.

    Both folders are absolute, links resolved; `root` is empty if nothing is written. `lock` is the
    descriptor of the lock, if it is held.
    """

    images: str
    root: str
    steps: Steps
    files: FileSystem
    lock: int | None = None

    @property
    def parent(self) -> str:
        """The folder that holds the data set."""
        return str(PurePath(self.root).parent)

    @property
    def stage(self) -> str:
        """The hidden folder beside the data set for unfinished work; removed at the end."""
        return f"{self.parent}/.{PurePath(self.root).name}.imgclass"

    @property
    def tree(self) -> str:
        """The data set while it is built."""
        return f"{self.stage}/dataset"

    @property
    def pending(self) -> str:
        """What an update has decided to add, until it is in the data set."""
        return f"{self.stage}/update"

    def run(
        self, job: Job, arguments: Sequence[Sequence[Any]], *, common: Sequence[Any] = ()
    ) -> Iterator[Any]:
        """Yield the result of `job` for each of `arguments`, after `common`; each is one step."""
        results = run_jobs(
            job, arguments, files=self.files, steps=self.steps, common=common, lock=self.lock
        )
        return self.steps.count(results)

    def is_organized(self) -> bool:
        """Return whether the data set is there already; anything else there is refused."""
        if self.files.status(self.root) is None:
            return False
        if not is_directory(self.root):
            raise UnsafeError(f"Expected a folder or nothing at {self.root!r}; received a file.")
        names = {entry.name for entry in self.files.entries(self.root)}
        if {DATASET, MANIFEST} <= names:
            return True
        if names:
            raise UnsafeError(
                f"Expected {self.root!r} to be new, empty, or organized by imgclass; it holds "
                f"other things ({min(names)!r}, for one) and was left untouched. Choose another "
                "folder."
            )
        if os.path.ismount(self.root):
            raise UnsafeError(
                f"Expected a folder that can be renamed; {self.root!r} is a mount point. Choose a "
                "folder in it."
            )
        return False

    @contextmanager
    def locked(self) -> Iterator["Workspace"]:
        """Hold the lock of the stage, yield the workspace with it, and remove the stage at the end.

        After an interruption or a failure of the machine the stage stays for the next run.
        """
        files = self.files
        files.make_directories(self.parent)
        with held_lock(f"{self.stage}/lock", files) as lock:
            try:
                yield replace(self, lock=lock)
            except (InterruptedRunError, OSError):
                with suppress(OSError):
                    if [entry.name for entry in files.entries(self.stage)] == ["lock"]:
                        files.remove_tree(self.stage)
                raise
            except ImgclassError:
                files.remove_tree(self.stage)
                raise
            files.remove_tree(self.stage)


@contextmanager
def open_workspace(images: str, root: str, progress: Progress | None) -> Iterator[Workspace]:
    """Report progress, hear Ctrl-C, and say after a failure how to go on."""
    advice = "Nothing was written."
    if root:
        advice = (
            f"No image was lost: each is in {images} or, whole, in {root}. The same command goes "
            "on from here."
        )
    try:
        with collecting_later(), following(progress) as steps:
            yield Workspace(images, root, steps, FILES)
    except InterruptedRunError as error:
        raise InterruptedRunError(f"{error} {advice}") from error
    except MachineError:
        raise
    except OSError as error:
        raise MachineError(
            f"Expected every file operation to succeed; one failed: {error}. {advice}"
        ) from error


def find_folders(images: PathLike, root: PathLike) -> tuple[str, str]:
    """Return both folders, absolute, links resolved; neither may lie in the other.

    They are compared as the file system knows them: a bind mount could hide one in the other.
    """
    source, target = os.path.realpath(images), os.path.realpath(root)
    if not is_directory(source):
        raise DatasetError(f"Expected a folder of images at {os.fspath(images)!r}; there is none.")
    if _lies_in(target, source) or _lies_in(source, target):
        raise UnsafeError(
            f"Expected the data set's folder and the folder of images to be apart; received "
            f"{os.fspath(root)!r} and {os.fspath(images)!r}, of which one holds the other. "
            "Choose another folder for the data set."
        )
    return source, target


def _lies_in(inner: str, outer: str) -> bool:
    try:
        holder = Path(outer).stat()
    except FileNotFoundError:
        return False
    return any(
        os.path.samestat(ancestor.stat(), holder)
        for ancestor in (Path(inner), *Path(inner).parents)
        if ancestor.exists()
    )
