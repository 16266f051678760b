"""An archive in place of the folder of images: unpacked for the time of one call."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath

from imgclass.data.archives.unpack import is_archive, unpack
from imgclass.data.organize import workspace
from imgclass.data.organize.workspace import PathLike
from imgclass.errors import InterruptedRunError, MachineError, UnsafeError
from imgclass.io.lock import held_lock
from imgclass.io.workers.progress import Progress, following

IMAGES = "images"


@dataclass(frozen=True, slots=True)
class OpenedImages:
    """A folder of images, and what a user should know of the archive that it came from."""

    folder: PathLike
    notices: tuple[str, ...] = ()


@contextmanager
def opened_images(
    images: PathLike, root: PathLike | None, progress: Progress | None
) -> Iterator[OpenedImages]:
    """Yield the folder of images; an archive is unpacked into one, which is removed at the end.

    That is a hidden folder beside `root`, `.<name>.unpacked`, or a temporary one if nothing is
    written. What an interrupted call left there is replaced by the next one. If the archive holds
    nothing but one folder, that is it.
    """
    if not is_archive(images):
        yield OpenedImages(images)
    elif root is None:
        with (
            _said(images, "a temporary folder"),
            tempfile.TemporaryDirectory(prefix="imgclass-") as place,
        ):
            yield _unpacked(images, place, progress)
    else:
        target = PurePath(os.path.realpath(root))
        place = str(target.with_name(f".{target.name}.unpacked"))
        with _said(images, place), _held(place):
            yield _unpacked(images, place, progress)


@contextmanager
def _held(place: str) -> Iterator[None]:
    """Hold a folder for what is unpacked, without what an earlier call left; remove it at last."""
    files = workspace.FILES
    files.make_directories(str(PurePath(place).parent))
    with held_lock(f"{place}/lock", files):
        _require_own(place)
        try:
            if files.status(f"{place}/{IMAGES}") is not None:
                files.remove_tree(f"{place}/{IMAGES}")
            yield
        finally:
            files.remove_tree(place)


@contextmanager
def _said(images: PathLike, place: str) -> Iterator[None]:
    """Say of a failure of the machine what to do; organizing says it of its own."""
    try:
        yield
    except MachineError:
        raise
    except OSError as error:
        raise MachineError(
            f"Expected to unpack {os.fspath(images)} in {place}, and to remove it at the end; "
            f"received: {error}. The same call goes on; or make room, or unpack it yourself and "
            "name the folder."
        ) from error


def _unpacked(images: PathLike, place: str, progress: Progress | None) -> OpenedImages:
    files, folder = workspace.FILES, f"{place}/{IMAGES}"
    try:
        with following(progress) as steps:
            files.make_directory(folder)
            found = unpack(images, folder, files, each=steps.go_on)
    except InterruptedRunError as error:
        raise InterruptedRunError(
            f"Interrupted while {os.fspath(images)} was unpacked. Nothing was written."
        ) from error
    name = PurePath(images).name
    notices = [f"Images are read from {name!r}, which was unpacked and removed again."]
    if found.links:
        notices.append(f"Links and devices in {name!r}, passed over: {found.links:,}.")
    return OpenedImages(_inner(folder), tuple(notices))


def _inner(folder: str) -> str:
    """Return the first folder that holds more than one folder, as archives often are packed."""
    while True:
        with os.scandir(folder) as found:
            entries = list(found)
        if len(entries) != 1 or not entries[0].is_dir(follow_symlinks=False):
            return folder
        folder = f"{folder}/{entries[0].name}"


def _require_own(place: str) -> None:
    names = {entry.name for entry in workspace.FILES.entries(place)}
    if others := sorted(names - {"lock", IMAGES}):
        raise UnsafeError(
            f"Expected {place!r} to be free, since the archive is unpacked there; it holds "
            f"{others[0]!r}. Rename or remove that folder."
        )
