"""Where images come from and where the data set goes, checked before anything is written."""

import os
from dataclasses import dataclass
from pathlib import Path, PurePath

from imgclass.data.dataset.record import DATASET, MANIFEST
from imgclass.errors import DatasetError, UnsafeError
from imgclass.io.fs import FileSystem
from imgclass.io.regular_file import is_directory


@dataclass(frozen=True, slots=True)
class Place:
    """Absolute paths of one organizing, links resolved.

    Attributes:
        images: The folder of images.
        root: The data set's folder.
    """

    images: str
    root: str

    @property
    def parent(self) -> str:
        """The folder in which the data set lies."""
        return str(PurePath(self.root).parent)

    @property
    def work(self) -> str:
        """The hidden folder beside the data set in which it is built; gone when it is whole."""
        return f"{self.parent}/.{PurePath(self.root).name}.imgclass"

    @property
    def tree(self) -> str:
        """The data set while it is being built."""
        return f"{self.work}/dataset"

    @property
    def pending(self) -> str:
        """What an update has decided to add, until it is in the data set."""
        return f"{self.work}/update"

    @property
    def lock(self) -> str:
        """The file that says who is at work."""
        return f"{self.work}/lock"


def find_place(images: str | os.PathLike[str], root: str | os.PathLike[str]) -> Place:
    """Return where to organize, after checking that neither folder lies in the other.

    Folders are compared as the file system knows them, so that symbolic links and bind mounts do
    not hide one in the other.

    Raises:
        DatasetError: There is no folder of images.
        UnsafeError: One folder is, or lies in, the other.
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
    return Place(images=source, root=target)


def is_organized(place: Place, files: FileSystem) -> bool:
    """Return whether the data set is there already.

    Raises:
        UnsafeError: Something else is there.
    """
    status = files.status(place.root)
    if status is None:
        return False
    if not is_directory(place.root):
        raise UnsafeError(f"Expected a folder or nothing at {place.root!r}; received a file.")
    names = {entry.name for entry in files.entries(place.root)}
    if {DATASET, MANIFEST} <= names:
        return True
    if names:
        raise UnsafeError(
            f"Expected {place.root!r} to be new, empty, or organized by imgclass; it holds other "
            f"things ({min(names)!r}, for one) and was left untouched. Choose another folder."
        )
    if os.path.ismount(place.root):
        raise UnsafeError(
            f"Expected a folder that can be renamed; {place.root!r} is a mount point. Choose a "
            "folder in it."
        )
    return False


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
