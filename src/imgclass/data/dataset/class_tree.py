"""Reading a tree of class directories that others made: `root/{train,val,test}/<class>/*`."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from imgclass.data.dataset.record import LeftOut, Quarantined
from imgclass.data.faults import listing
from imgclass.data.inspection import Inspection, Inspector, inspect
from imgclass.data.manifest import Manifest, Sample, Split
from imgclass.errors import DatasetError, MachineError
from imgclass.images.folder_contents import linked_files, scan_images
from imgclass.images.formats import split_extension
from imgclass.io.fs import FileSystem
from imgclass.io.workers.pool import run_jobs
from imgclass.io.workers.progress import Steps

SPLIT_NAMES: Mapping[Split, tuple[str, ...]] = {
    "train": ("train", "training"),
    "val": ("val", "valid", "validation"),
    "test": ("test", "testing"),
}
SHAPE = (
    "Expected a data set of the shape train/<class>/<image>, val/<class>/<image> and, if there is "
    "one, test/<class>/<image>. A folder of images and a CSV of labels become one by "
    "`imgclass organize LABELS IMAGES OUT`."
)


def read_class_tree(root: Path, *, steps: Steps) -> tuple[Manifest, LeftOut]:
    """Read the hash of every image of a tree of class directories, and its size from the header.

    Hidden entries are ignored. Links to directories, FIFOs and files that are not images are left
    out and named in the notices. The classes of train and val must be the same.
    """
    others: list[str] = []
    images = [
        (path, label, split)
        for split, folder in _split_folders(root).items()
        for path, label in _images(root, folder, others)
    ]
    manifest, quarantined = _inspected(root, images, steps)
    notices = _require_same_classes(root, manifest)
    if others:
        notices += (f"{len(others)} entries are not images: {listing(others)}.",)
    return manifest, LeftOut(quarantined=quarantined, notices=notices)


def _split_folders(root: Path) -> dict[Split, str]:
    if not root.is_dir():
        found = "a file" if root.exists() else "no folder"
        raise DatasetError(f"{SHAPE} At {str(root)!r} there is {found}.")
    folders: dict[Split, str] = {}
    for split, names in SPLIT_NAMES.items():
        there = [name for name in names if (root / name).is_dir()]
        if len(there) > 1:
            raise DatasetError(f"{SHAPE} {str(root)!r} has several folders for {split}: {there}.")
        if there:
            folders[split] = there[0]
    if missing := {"train", "val"} - folders.keys():
        entries = sorted(entry.name for entry in root.iterdir() if not entry.name.startswith("."))
        holds = f"it holds {listing(entries)}" if entries else "it is empty"
        raise DatasetError(
            f"{SHAPE} {str(root)!r} has no folder for {' and '.join(sorted(missing))}; {holds}."
        )
    return folders


def _images(root: Path, folder: str, others: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the path and class of each image of a split, and put the rest into `others`."""
    found = scan_images(root / folder)
    links = linked_files(found, root / folder)
    others += [f"{folder}/{path}" for path in found.others if path not in links]
    for path in sorted((*found.files, *links)):
        label, inside, _ = path.partition("/")
        if inside and split_extension(path)[1]:
            yield f"{folder}/{path}", label
        else:
            others.append(f"{folder}/{path}")


def _inspected(
    root: Path, images: Sequence[tuple[str, str, Split]], steps: Steps
) -> tuple[Manifest, tuple[Quarantined, ...]]:
    steps.total = len(images)
    # Links to images are followed: nothing is written, and such trees often hold links.
    home = os.path.realpath(root)
    pairs = [(os.path.relpath(os.path.realpath(root / path), home), None) for path, *_ in images]
    inspector = Inspector(home, check="header")
    results = run_jobs(inspect, pairs, files=FileSystem(), steps=steps, common=inspector)
    samples, quarantined = [], []
    for (path, label, split), values in zip(images, steps.count(results), strict=True):
        seen = Inspection(*values)
        if seen.refusal:
            raise MachineError(f"Expected to read {path!r} in {root}: {seen.refusal}.")
        if seen.fault:
            quarantined.append(Quarantined(path, label, seen.fault))
        else:
            size = seen.width, seen.height
            samples.append(Sample(path, label, split, seen.sha256, *size, source=path))
    class_names = tuple(sorted({sample.label for sample in samples}))
    return Manifest(class_names, tuple(samples)), tuple(quarantined)


def _require_same_classes(root: Path, manifest: Manifest) -> tuple[str, ...]:
    classes = {
        split: {sample.label for sample in manifest.of(split)} for split in ("train", "val", "test")
    }
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
    if classes["test"] and (absent := sorted(classes["train"] - classes["test"])):
        return (f"test has no image of {listing(absent)}.",)
    return ()
