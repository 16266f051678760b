"""Reading a tree with splits that others made: `root/{train,val,test}/<class>/*`."""

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

from imgclass.data.dataset.class_folders import (
    NO_TEST,
    SHAPE,
    folder_names,
    list_images,
    others_notice,
    read_images,
)
from imgclass.data.dataset.plan import make_sample, sound_images
from imgclass.data.dataset.record import LeftOut
from imgclass.data.faults import listing
from imgclass.data.manifest import Manifest, Split
from imgclass.errors import DatasetError
from imgclass.io.workers.progress import Steps

SPLIT_NAMES: Mapping[Split, tuple[str, ...]] = {
    "train": ("train", "training"),
    "val": ("val", "valid", "validation"),
    "test": ("test", "testing"),
}

_ALL_NAMES = frozenset(chain.from_iterable(SPLIT_NAMES.values()))


def split_folders(root: Path) -> tuple[str, ...]:
    """Return the folders in `root` whose names are those of splits, in upper or lower case."""
    return tuple(name for name in folder_names(root) if name.casefold() in _ALL_NAMES)


def read_class_tree(root: Path, *, steps: Steps) -> tuple[Manifest, LeftOut]:
    """Read the hash of every image of a tree of class directories, and its size from the header.

    Hidden entries are ignored. Links to directories, FIFOs and files that are not images are left
    out and named in the notices. The classes of train and val must be the same.
    """
    others: list[str] = []
    images = [
        (row, split)
        for split, folder in _required_folders(root).items()
        for row in list_images(root, folder, others)
    ]
    rows = [row for row, _ in images]
    steps.total = len(rows)
    sound, found, quarantined = sound_images(rows, read_images(root, rows, steps, check="header"))
    splits = {row.source: split for row, split in images}
    samples = tuple(
        make_sample(row, inspection, splits[row.source], row.source, None)
        for row, inspection in zip(sound, found, strict=True)
    )
    class_names = tuple(sorted({sample.label for sample in samples}))
    manifest = Manifest(class_names, samples)
    _require_same_classes(root, manifest)
    return manifest, LeftOut(
        quarantined=quarantined, notices=(*_test_notices(manifest), *others_notice(others))
    )


def _required_folders(root: Path) -> dict[Split, str]:
    """Return the folder of each split; without train or val it is an error."""
    folders: dict[Split, str] = {}
    for split, names in SPLIT_NAMES.items():
        there = [name for name in names if (root / name).is_dir()]
        if len(there) > 1:
            raise DatasetError(f"{SHAPE} {str(root)!r} has several folders for {split}: {there}.")
        if there:
            folders[split] = there[0]
    if missing := {"train", "val"} - folders.keys():
        raise DatasetError(
            f"{SHAPE} {str(root)!r} has no folder for {' and '.join(sorted(missing))}; it holds "
            f"{listing(folder_names(root))}. {_advice(root, folders)}"
        )
    return folders


def _advice(root: Path, folders: Mapping[Split, str]) -> str:
    if upper := [name for name in split_folders(root) if name not in _ALL_NAMES]:
        return f"Rename {listing(upper)} to lower case."
    if "train" in folders:
        return f"To have its images split for you, name {str(root / folders['train'])!r} instead."
    names = listing(list(folders.values()))
    return f"A folder called {names} counts as a split; if it is a class, rename it."


def _require_same_classes(root: Path, manifest: Manifest) -> None:
    classes = _classes(manifest)
    problems = [
        f"{listing(sorted(classes[some] - classes[other]))} have images in {some} and none in "
        f"{other}"
        for some, other in (("train", "val"), ("val", "train"), ("test", "train"))
        if classes[some] - classes[other]
    ]
    if not classes["train"]:
        problems.append("there is no image in train")
    if problems:
        raise DatasetError(
            f"Expected the same classes in train and val of {str(root)!r}; {'; '.join(problems)}."
        )


def _test_notices(manifest: Manifest) -> Iterator[str]:
    classes = _classes(manifest)
    if not classes["test"]:
        yield NO_TEST
    elif absent := sorted(classes["train"] - classes["test"]):
        yield f"test has no image of {listing(absent)}."


def _classes(manifest: Manifest) -> dict[str, set[str]]:
    return {split: {sample.label for sample in manifest.of(split)} for split in manifest.counts}
