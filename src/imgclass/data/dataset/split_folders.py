"""Which folders of a tree are splits, under the names that people give them."""

from collections.abc import Mapping
from pathlib import Path

from imgclass.data.dataset.class_folders import SHAPE, folder_names
from imgclass.data.faults import listing
from imgclass.data.manifest import SPLITS, Split
from imgclass.data.split_names import renamed, split_of
from imgclass.errors import DatasetError

# Without a folder for train, only these make a folder a split: a class may well be called `dev`.
_CLEAR = frozenset({"val", "valid", "validation", "test", "testing"})


def split_folders(root: Path) -> Mapping[str, Split]:
    """Return the folders in `root` whose names are those of splits, and the splits that they are.

    It is empty for a tree without splits.
    """
    found = {name: split for name in folder_names(root) if (split := split_of(name)) is not None}
    is_clear = any(name.casefold() in _CLEAR for name in found)
    return found if is_clear or "train" in found.values() else {}


def required_folders(root: Path) -> dict[Split, str]:
    """Return the folder of each split; without train, or with nothing beside it, it is an error."""
    there = split_folders(root)
    folders: dict[Split, str] = {}
    for split in SPLITS:
        names = [name for name, meant in there.items() if meant == split]
        if len(names) > 1:
            raise DatasetError(f"{SHAPE} {str(root)!r} has several folders for {split}: {names}.")
        if names:
            folders[split] = names[0]
    if "train" not in folders or len(folders) == 1:
        missing = "train" if "train" not in folders else "val"
        raise DatasetError(
            f"{SHAPE} {str(root)!r} has no folder for {missing}; it holds "
            f"{listing(folder_names(root))}. {_advice(root, folders)}"
        )
    return folders


def lacks_val(root: Path) -> bool:
    """Return whether a tree has folders for train and for test, and none for val."""
    return {*split_folders(root).values()} == {"train", "test"}


def folder_notices(root: Path, folders: Mapping[Split, str]) -> tuple[str, ...]:
    """Return how the names of folders were understood, and which folders are no splits."""
    beside = [name for name in folder_names(root) if name not in folders.values()]
    left_out = (f"Folders beside the splits, left out: {listing(beside)}.",) if beside else ()
    how = renamed(folders.values())
    return (*((f"{'; '.join(how)}.",) if how else ()), *left_out)


def _advice(root: Path, folders: Mapping[Split, str]) -> str:
    if "train" in folders:
        return f"To have its images split for you, name {str(root / folders['train'])!r} instead."
    names = listing(list(folders.values()))
    return f"A folder called {names} counts as a split; if it is a class, rename it."
