"""The files in a folder of images, sorted; no file is opened and no link followed."""

import os
from dataclasses import dataclass
from pathlib import Path

from imgclass.errors import DatasetError, MachineError
from imgclass.images.extras import missing_extra, unread_kind
from imgclass.images.formats import split_extension
from imgclass.io.regular_file import LINK, file_kind, is_directory, is_file

OUTSIDE = "a link to a folder outside of the data set"
_SYSTEM_FILES = frozenset({"Thumbs.db", "desktop.ini", "__MACOSX"})


@dataclass(frozen=True, slots=True)
class ImageFiles:
    """The entries of a folder and its subfolders, as paths relative to it, with `/`.

    Attributes:
        files: Every regular file, sorted by code point, but for images that cannot be read since
            an extra package is missing.
        others: The kind of each link, FIFO, socket, device, directory named like an image, and
            image for which a package is missing.
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
                if extra := missing_extra(path):
                    others[path] = unread_kind(path, extra)
                else:
                    files.append(path)
            elif entry.is_dir(follow_symlinks=False):
                pending.append(path + "/")
                if split_extension(path)[1]:
                    others[path] = "a directory"
            else:
                others[path] = _kind(entry)
    return ImageFiles(tuple(sorted(files)), dict(sorted(others.items())), hidden)


def scan_with_links(folder: str | os.PathLike[str], *, inside: Path) -> ImageFiles:
    """List a folder of class folders, and those that are links to other folders in `inside`.

    A link that leads out of `inside` has the kind `OUTSIDE`. One to a folder around it is not
    followed either.
    """
    found = scan_images(folder)
    files, others, hidden = list(found.files), dict(found.others), found.hidden
    home, own = inside.resolve(), Path(folder).resolve()
    around = {own, *own.parents}
    for link, kind in found.others.items():
        path = Path(folder, link)
        if kind != LINK or "/" in link or not is_directory(path):
            continue
        target = path.resolve()
        if home != target and home not in target.parents:
            others[link] = OUTSIDE
            continue
        if target in around:
            continue
        linked = scan_images(path)
        del others[link]
        files += [f"{link}/{name}" for name in linked.files]
        others |= {f"{link}/{name}": kind for name, kind in linked.others.items()}
        hidden += linked.hidden
    return ImageFiles(tuple(sorted(files)), dict(sorted(others.items())), hidden)


def linked_files(found: ImageFiles, folder: str | os.PathLike[str]) -> frozenset[str]:
    """Return the paths of the links in `folder` that lead to a regular file."""
    return frozenset(
        path
        for path, kind in found.others.items()
        if kind == LINK and is_file(Path(folder, path)) and missing_extra(path) is None
    )


def unread_images(found: ImageFiles) -> frozenset[str]:
    """Return the paths of the images for which an extra package is missing."""
    return frozenset(path for path in found.others if missing_extra(path) is not None)


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
