"""The files in a folder of images, sorted; no file is opened and no link followed."""

import os
from dataclasses import dataclass
from pathlib import Path

from imgclass.errors import DatasetError, MachineError
from imgclass.images.formats import split_extension
from imgclass.io.regular_file import LINK, file_kind, is_file

_SYSTEM_FILES = frozenset({"Thumbs.db", "desktop.ini", "__MACOSX"})


@dataclass(frozen=True, slots=True)
class ImageFiles:
    """The entries of a folder and its subfolders, as paths relative to it, with `/`.

    Attributes:
        files: Every regular file, sorted by code point.
        others: The kind of each link, FIFO, socket, device, and directory named like an image.
        hidden: Number of entries that begin with a dot or belong to a system (`Thumbs.db`).
    """

    files: tuple[str, ...]
    others: dict[str, str]
    hidden: int


def scan_images(folder: str | os.PathLike[str]) -> ImageFiles:
    """List a folder of images and its subfolders."""
    root = Path(folder)
    if not root.is_dir():
        found = "a file" if root.exists() else "nothing"
        raise DatasetError(f"Expected a folder of images at {root}; received {found}.")
    files: list[str] = []
    others: dict[str, str] = {}
    hidden = 0
    pending = [""]
    while pending:
        prefix = pending.pop()
        for entry in _entries(root / prefix):
            path = prefix + entry.name
            if entry.name.startswith(".") or entry.name in _SYSTEM_FILES:
                hidden += 1
            elif entry.is_file(follow_symlinks=False):
                files.append(path)
            elif entry.is_dir(follow_symlinks=False):
                pending.append(path + "/")
                if split_extension(path)[1]:
                    others[path] = "a directory"
            else:
                others[path] = _kind(entry)
    return ImageFiles(tuple(sorted(files)), dict(sorted(others.items())), hidden)


def linked_files(found: ImageFiles, folder: str | os.PathLike[str]) -> frozenset[str]:
    """Return the paths of the links in `folder` that lead to a regular file."""
    return frozenset(
        path for path, kind in found.others.items() if kind == LINK and is_file(Path(folder, path))
    )


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        raise MachineError(f"Expected to read the folder {str(folder)!r}: {error}.") from error


def _kind(entry: os.DirEntry[str]) -> str:
    try:
        kind = file_kind(entry.stat(follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return "gone since it was listed"
    try:
        entry.stat()
    except OSError:
        return "a link to nothing"
    return kind
