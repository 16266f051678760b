"""Undoing a move: every image goes back and is compared, and only then the data set goes."""

import os
from pathlib import Path, PurePath

from imgclass.data.dataset.organized import read_organized, read_record
from imgclass.data.dataset.record import DATASET, LEFT_OUT, MANIFEST
from imgclass.data.faults import Faults, listing
from imgclass.data.manifest import Manifest
from imgclass.data.organize.building import workplace
from imgclass.data.organize.comparing import is_whole, put_back
from imgclass.data.organize.file_names import file_name
from imgclass.data.organize.place import Place
from imgclass.data.organize.work import Work, explained
from imgclass.errors import DatasetError, UnsafeError, UsageError
from imgclass.io.fs import FileSystem
from imgclass.io.regular_file import is_directory
from imgclass.io.workers.progress import Progress, following

STAGE = ".imgclass-undo"


def undo(
    root: str | os.PathLike[str],
    *,
    progress: Progress | None = None,
    files: FileSystem = FileSystem(),
) -> Path | None:
    """Move the images of a data set back to the folder from which they were moved.

    They are copied back, brought to the disk and read back; only when all are there does the data
    set go. An interrupted undoing is finished by the same call.

    Args:
        root: A data set that was organized with `transfer="move"`.
        progress: Called with the number of steps done, and of all.
        files: The file system; for tests.

    Returns:
        The folder in which the images are again; None where an earlier call, which was interrupted,
        had brought them back.

    Raises:
        DatasetError: There is no such data set, or its files are not those of its manifest.
        UsageError: It was not made by a move.
        UnsafeError: Something else is where an image should go, or in the data set.
        InterruptedRunError: Ctrl-C or SIGTERM; the same call goes on.
        MachineError: The disk is full, or a permission is missing.
    """
    target = os.path.realpath(root)
    if not is_directory(target):
        _finish(Place(images="", root=target), files)
        return None
    record = read_record(Path(target))
    if record.moved_from is None:
        raise UsageError(
            f"Expected a data set that was made by moving images; {target!r} was made by "
            f"{record.options.transfer}, so they still are where they were. Delete it if you like."
        )
    place = Place(images=record.moved_from, root=target)
    manifest = read_organized(Path(target))
    with explained(place), following(progress) as steps:
        _require_no_strangers(place, manifest, files)
        steps.total = 2 * len(manifest.samples)
        with workplace(Work(place, files, steps)) as work:
            _put_back(work, manifest)
            files.rename(place.root, f"{place.work}/undone")
            files.sync_directory(place.parent)
    return Path(place.images)


def _put_back(work: Work, manifest: Manifest) -> None:
    images, root, files = work.place.images, work.place.root, work.files
    stage = f"{images}/{STAGE}"
    files.make_directories(stage)
    files.remove_tree(stage)  # what an interrupted undoing left
    files.make_directory(stage)
    staged = {
        f"{stage}/{file_name(sample.source)}": f"{images}/{sample.source}"
        for sample in manifest.samples
    }
    arguments = [
        (f"{root}/{sample.path}", *paths, sample.sha256)
        for sample, paths in zip(manifest.samples, staged.items(), strict=True)
    ]
    problems = Faults()
    for sample, problem in zip(manifest.samples, work.run(put_back, arguments), strict=True):
        if problem:
            problems.add(f"{sample.source!r}: {problem}")
    if problems:
        files.remove_tree(stage)
        raise UnsafeError(
            f"Expected to put every image back; {len(problems)} cannot be, so nothing was "
            f"changed:\n{problems}"
        )
    files.sync_all(images)
    for path, target in staged.items():
        if files.status(path) is not None:
            files.make_directories(str(PurePath(target).parent))
            files.rename(path, target)
    files.remove_tree(stage)
    files.sync_all(images)
    questions = [
        (f"{images}/{sample.source}", "copy", "", sample.sha256) for sample in manifest.samples
    ]
    for sample, whole in zip(manifest.samples, work.run(is_whole, questions), strict=True):
        if not whole:
            raise UnsafeError(
                f"Expected {sample.source!r} to be read back as it was written to {images}; its "
                f"bytes are others. The data set was kept."
            )


def _finish(place: Place, files: FileSystem) -> None:
    """Clear away what is left of an undoing that was interrupted when all images were back."""
    with explained(place), following(None) as steps:
        there = files.status(place.work) is not None
        left = {entry.name for entry in files.entries(place.work)} if there else set()
        if not there or left - {"lock", "undone"}:
            raise DatasetError(f"Expected a data set at {place.root!r}; there is none.")
        with workplace(Work(place, files, steps)):
            return


def _require_no_strangers(place: Place, manifest: Manifest, files: FileSystem) -> None:
    """Refuse to remove a folder in which there is anything that is not the data set's."""
    own = {f"{place.root}/{sample.path}" for sample in manifest.samples}
    own |= {f"{place.root}/{name}" for name in (MANIFEST, DATASET, LEFT_OUT)}
    strangers = sorted(set(files.walk(place.root)) - own)
    if strangers:
        raise UnsafeError(
            f"Expected nothing but the data set in {place.root!r}, which goes when it is undone; "
            f"also there: {listing(strangers)}. Take it out first."
        )
