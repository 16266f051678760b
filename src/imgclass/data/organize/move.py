"""Moving: an original is removed only after its copy was read back; `undo` moves it back."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import Any

from imgclass.data.dataset.organized import read_organized, read_record
from imgclass.data.dataset.record import DATASET, LEFT_OUT, MANIFEST
from imgclass.data.faults import Faults, listing
from imgclass.data.inspection import Inspection
from imgclass.data.labels.matching import LabelledImage
from imgclass.data.manifest import Sample
from imgclass.data.organize.file_names import file_name
from imgclass.data.organize.verify import is_same, is_whole
from imgclass.data.organize.workspace import PathLike, Workspace, open_workspace
from imgclass.errors import DatasetError, UnsafeError, UsageError
from imgclass.io.fs import FileSystem
from imgclass.io.regular_file import is_directory
from imgclass.io.workers.jobs import Job
from imgclass.io.workers.progress import Progress

STAGE = ".imgclass-undo"


def require_single_names(rows: Sequence[LabelledImage], inspections: Sequence[Inspection]) -> None:
    """Refuse to move two names of one file: to remove both would lose one."""
    first: dict[tuple[int, ...], str] = {}  # by device and inode
    faults = Faults()
    for row, found in zip(rows, inspections, strict=True):
        other = first.setdefault(found.stamp[:2], row.source)
        if found.stamp and other != row.source:
            faults.add(f"{other!r} and {row.source!r}")
    if faults:
        raise UnsafeError(
            f"Expected every image to move to be a file of its own; {len(faults)} pairs are two "
            f"names of one file. Copy instead (--transfer copy):\n{faults}"
        )


def remove_sources(space: Workspace, samples: Sequence[Sample]) -> None:
    """Remove originals that are in the data set, each after comparing its bytes and its copy's."""
    arguments = [
        (f"{space.images}/{sample.source}", f"{space.root}/{sample.path}", sample.sha256)
        for sample in samples
    ]
    if left := _faults(space, remove_source, samples, arguments):
        raise UnsafeError(
            f"Expected moved images to be unchanged; {len(left)} were left in {space.images}, "
            f"since they differ from those in {space.root}; compare them by eye:\n{left}"
        )


def remove_source(files: FileSystem, source: str, copy: str, sha256: str) -> str:
    """Remove `source` if it and `copy` have the hash `sha256`; otherwise return why not.

    If it is missing, an earlier run removed it.
    """
    if files.status(source) is None:
        return ""
    if not is_same(files, source, sha256):
        return "it has changed"
    if not is_same(files, copy, sha256):
        return "its copy has changed"
    files.unlink(source)
    return ""


def undo(root: PathLike, *, progress: Progress | None = None) -> Path | None:
    """Move the images of a data set back to the folder from which they were moved.

    They are copied back, written to the disk and read back; only when all are there is the data
    set removed. If it is interrupted, the same call finishes it.

    Args:
        root: A data set that was organized with `transfer="move"`.
        progress: Called with the number of steps done, and of all.

    Returns:
        The folder to which the images went back; None if an earlier call, interrupted, had already
        brought all of them back.

    Raises:
        DatasetError: There is no such data set, or its files are not those of its manifest.
        UsageError: It was not made by a move.
        UnsafeError: Something else is at the place of an image, or in the data set.
        InterruptedRunError: Ctrl-C or SIGTERM; the same call goes on.
        MachineError: The disk is full, or a permission is missing.
    """
    target = os.path.realpath(root)
    if not is_directory(target):
        with open_workspace("", target, progress) as space:
            _finish_undo(space)
        return None
    record = read_record(Path(target))
    if record.moved_from is None:
        raise UsageError(
            f"Expected a data set that was made by moving images; {target!r} was made by "
            f"{record.options.transfer}, so they are still where they were. Delete it if you like."
        )
    samples = read_organized(Path(target)).samples
    with open_workspace(record.moved_from, target, progress) as space:
        _require_nothing_else(space, samples)
        space.steps.total = 2 * len(samples)
        with space.locked() as locked:
            _put_back(locked, samples)
            space.files.rename(space.root, f"{space.stage}/undone")
            space.files.sync_directory(space.parent)
    return Path(record.moved_from)


def put_back(files: FileSystem, copy: str, staged: str, target: str, sha256: str) -> str:
    """Write `copy` to `staged`, from where it can be renamed to `target`; or return why not.

    If its bytes are at `target`, an earlier run brought them there.
    """
    if files.status(target) is not None:
        return "" if is_same(files, target, sha256) else "another file is there"
    data, status = files.read(copy)
    if hashlib.sha256(data).hexdigest() != sha256:
        return "it has changed in the data set"
    files.write_new(staged, data, like=status)
    return ""


def _put_back(space: Workspace, samples: Sequence[Sample]) -> None:
    files, images = space.files, space.images
    stage = f"{images}/{STAGE}"
    files.make_directories(stage)
    files.remove_tree(stage)  # an interrupted call may have left it
    files.make_directory(stage)
    targets = {
        f"{stage}/{file_name(sample.source)}": f"{images}/{sample.source}" for sample in samples
    }
    arguments = [
        (f"{space.root}/{sample.path}", *paths, sample.sha256)
        for sample, paths in zip(samples, targets.items(), strict=True)
    ]
    if faults := _faults(space, put_back, samples, arguments):
        files.remove_tree(stage)
        raise UnsafeError(
            f"Expected to put every image back; {len(faults)} cannot be, so nothing was "
            f"changed:\n{faults}"
        )
    files.sync_all(images)
    for staged, target in targets.items():
        if files.status(staged) is not None:
            files.make_directories(str(PurePath(target).parent))
            files.rename(staged, target)
    files.remove_tree(stage)
    files.sync_all(images)
    questions = [(f"{images}/{sample.source}", "", "copy", sample.sha256) for sample in samples]
    for sample, whole in zip(samples, space.run(is_whole, questions), strict=True):
        if not whole:
            raise UnsafeError(
                f"Expected {sample.source!r} to be read back as it was written to {images}; its "
                f"bytes differ. The data set was kept."
            )


def _finish_undo(space: Workspace) -> None:
    """Clear up after an undo that was interrupted when all images were back."""
    there = space.files.status(space.stage) is not None
    left = {entry.name for entry in space.files.entries(space.stage)} if there else set()
    if not there or left - {"lock", "undone"}:
        raise DatasetError(f"Expected a data set at {space.root!r}; there is none.")
    with space.locked():
        return


def _require_nothing_else(space: Workspace, samples: Iterable[Sample]) -> None:
    """Refuse to remove a folder that holds anything besides the data set."""
    own = {f"{space.root}/{sample.path}" for sample in samples}
    own |= {f"{space.root}/{name}" for name in (MANIFEST, DATASET, LEFT_OUT)}
    if others := sorted(set(space.files.walk(space.root)) - own):
        raise UnsafeError(
            f"Expected nothing but the data set in {space.root!r}, which undoing removes; also "
            f"there: {listing(others)}. Take it out first."
        )


def _faults(
    space: Workspace, job: Job, samples: Sequence[Sample], arguments: Sequence[Sequence[Any]]
) -> Faults:
    """Run a job for each sample, and collect the problems that it returns."""
    faults = Faults()
    for sample, problem in zip(samples, space.run(job, arguments), strict=True):
        if problem:
            faults.add(f"{sample.source!r}: {problem}")
    return faults
