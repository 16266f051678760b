"""The images of a folder, with their classes and splits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from imgclass.data.class_names import class_label
from imgclass.data.dataset.record import DATASET
from imgclass.data.dataset.split_folders import split_folders
from imgclass.errors import DatasetError
from imgclass.images.folder_contents import (
    ImageFiles,
    linked_files,
    scan_with_links,
    unread_images,
)
from imgclass.images.formats import split_extension
from imgclass.images.ignored_files import FILE


@dataclass(frozen=True, slots=True)
class Entry:
    """One image file, or something with the name of one.

    Attributes:
        path: Relative to the data set's folder, with `/`.
        label: Its class.
        split: `train`, `val` or `test`; empty if the folder has no splits.
        obstacle: What it is instead of a regular file; empty if it is one.
    """

    path: str
    label: str
    split: str
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class Tree:
    """The images of a folder, and what else is in it.

    Attributes:
        entries: Sorted by path.
        strangers: The kind of each file in a class folder that is no image, of each image outside
            of class folders or of a format that needs a missing package, and of each link.
        hidden: Number of hidden and system files.
    """

    entries: tuple[Entry, ...]
    strangers: Mapping[str, str]
    hidden: int = 0


def read_tree(root: Path) -> Tree:
    """List `root/<split>/<class>/...`, or `root/<class>/...` without splits, opening no file.

    What is unusual is no error: it becomes a problem of the audit.
    """
    splits = split_folders(root)
    found = _contents(root, splits)
    is_ours = (root / DATASET).is_file()
    links = linked_files(found, root)
    unread = unread_images(found)
    named = [(path, FILE) for path in (*found.files, *links)]
    named += [(path, kind) for path, kind in found.others.items() if path not in links]
    entries = []
    strangers = {}
    for path, kind in sorted(named):
        parts = path.split("/")
        split = splits.get(parts[0], "")
        below = parts[1:] if splits else parts
        is_image = bool(split_extension(path)[1]) and path not in unread
        if is_image and len(below) > 1 and (split or not splits):
            label = class_label(below[0]) if is_ours else below[0]
            entries.append(Entry(path, label, split, "" if kind == FILE else kind))
        elif is_image or len(below) > 1 or kind != FILE:
            strangers[path] = kind
    if not entries:
        raise DatasetError(
            f"Expected images in <split>/<class>/ or in <class>/ below {str(root)!r}; "
            f"received {len(found.files):,} files, and no image in such a place."
        )
    return Tree(tuple(entries), strangers, found.hidden)


def _contents(root: Path, splits: Iterable[str]) -> ImageFiles:
    """List all files below `root`; class folders may be links to folders in it."""
    whole = scan_with_links(root, inside=root)
    names = frozenset(splits)
    files = [path for path in whole.files if path.partition("/")[0] not in names]
    others = {
        path: kind for path, kind in whole.others.items() if path.partition("/")[0] not in names
    }
    for name in sorted(names):
        inside = scan_with_links(root / name, inside=root)
        files += [f"{name}/{path}" for path in inside.files]
        others |= {f"{name}/{path}": kind for path, kind in inside.others.items()}
    return ImageFiles(tuple(files), others, whole.hidden)
