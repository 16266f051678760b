"""The images of a folder, with their classes and splits."""

from dataclasses import dataclass
from pathlib import Path

from imgclass.data.class_names import class_label
from imgclass.data.dataset.class_tree import SPLIT_NAMES
from imgclass.data.dataset.record import DATASET
from imgclass.errors import DatasetError
from imgclass.images.folder_contents import linked_files, scan_images
from imgclass.images.formats import split_extension

_SPLITS = {name: split for split, names in SPLIT_NAMES.items() for name in names}


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
    """The images of a folder, and its other files.

    Attributes:
        entries: Sorted by path.
        strangers: Files in class folders without an image's extension, and images outside them.
    """

    entries: tuple[Entry, ...]
    strangers: tuple[str, ...]


def read_tree(root: Path) -> Tree:
    """List `root/<split>/<class>/...`, or `root/<class>/...` without splits, opening no file.

    What is unusual is no error: it becomes a problem of the audit.
    """
    found = scan_images(root)
    has_splits = any((root / name).is_dir() for name in _SPLITS)
    is_ours = (root / DATASET).is_file()
    links = linked_files(found, root)
    named = [(path, "") for path in (*found.files, *links)]
    named += [(path, kind) for path, kind in found.others.items() if path not in links]
    entries = []
    strangers = []
    for path, obstacle in sorted(named):
        parts = path.split("/")
        split = _SPLITS.get(parts[0], "") if has_splits else ""
        below = parts[1:] if has_splits else parts
        is_image = bool(split_extension(path)[1])
        if is_image and len(below) > 1 and (split or not has_splits):
            label = class_label(below[0]) if is_ours else below[0]
            entries.append(Entry(path, label, split, obstacle))
        elif is_image or len(below) > 1:
            strangers.append(path)
    if not entries:
        raise DatasetError(
            f"Expected images in <split>/<class>/ or in <class>/ below {str(root)!r}; "
            f"received {len(found.files):,} files, and no image in such a place."
        )
    return Tree(tuple(entries), tuple(strangers))
