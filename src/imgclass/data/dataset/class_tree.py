"""Reading a tree with splits that others made: `root/{train,val,test}/<class>/*`."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from imgclass.data.dataset.class_folders import (
    Others,
    list_images,
    others_notice,
    own_path,
    read_images,
)
from imgclass.data.dataset.combined_classes import combination_notice
from imgclass.data.dataset.plan import draft_plan, make_plan, make_sample, sound_images
from imgclass.data.dataset.record import LeftOut
from imgclass.data.dataset.shares import usual_share
from imgclass.data.dataset.split_folders import folder_notices, required_folders
from imgclass.data.dataset.stored_images import storage_notices
from imgclass.data.faults import listing
from imgclass.data.labels.labels import Labels
from imgclass.data.labels.matching import LabelledImage
from imgclass.data.manifest import Manifest
from imgclass.data.options import Options
from imgclass.data.splitting.given import NO_TEST
from imgclass.errors import DatasetError
from imgclass.images.formats import split_extension
from imgclass.images.ignored_files import FILE
from imgclass.io.regular_file import is_file
from imgclass.io.workers.progress import Steps


def read_class_tree(
    root: Path, *, steps: Steps, val: float | None = None, seed: int = 0
) -> tuple[Manifest, LeftOut]:
    """Read the hash of every image of a tree of class directories, and its size from the header.

    Without a folder for val, images are split off train: then all are decoded, so that images of
    one picture stay together. Hidden entries are ignored. Links to directories, FIFOs and files
    that are not images are left out and named in the notices. The classes of train and val must be
    the same.
    """
    rows, notices = tree_rows(root)
    steps.total = len(rows)
    if any(row.split == "val" for row in rows) or not rows:
        manifest, left_out = _as_it_is(root, rows, steps)
    else:
        manifest, left_out = _with_val_split_off(root, rows, steps, val=val, seed=seed)
    _require_same_classes(root, manifest)
    test_notices = _test_notices(manifest)
    combined = combination_notice(manifest.class_names)
    notices = (*test_notices, *left_out.notices, *combined, *notices)
    return manifest, replace(left_out, notices=tuple(dict.fromkeys(notices)))


def tree_rows(
    root: Path, known: Collection[str] = ()
) -> tuple[list[LabelledImage], tuple[str, ...]]:
    """Return the images of a tree with splits, and what else a user should know.

    Files in `known` count as if they were there.
    """
    others = Others(dict.fromkeys(_loose_images(root), FILE))
    folders = required_folders(root)
    rows = [
        row
        for split, folder in folders.items()
        for row in list_images(root, folder, others, split=split, known=known)
    ]
    return rows, (*folder_notices(root, folders), *others_notice(others))


def _loose_images(root: Path) -> Iterator[str]:
    """Yield the images that lie beside the folders of the splits, sorted."""
    names = sorted(entry.name for entry in root.iterdir() if is_file(entry))
    yield from (name for name in names if split_extension(name)[1] and name[0] != ".")


def _as_it_is(root: Path, rows: list[LabelledImage], steps: Steps) -> tuple[Manifest, LeftOut]:
    sound, found, quarantined = sound_images(rows, read_images(root, rows, steps, check="header"))
    samples = tuple(
        make_sample(row, inspection, row.split or "train", row.source, None)
        for row, inspection in zip(sound, found, strict=True)
    )
    class_names = tuple(sorted({sample.label for sample in samples}))
    notices = tuple(storage_notices(found))
    return Manifest(class_names, samples), LeftOut(quarantined=quarantined, notices=notices)


def _with_val_split_off(
    root: Path, rows: list[LabelledImage], steps: Steps, *, val: float | None, seed: int
) -> tuple[Manifest, LeftOut]:
    in_train = sum(row.split == "train" for row in rows)
    options = Options(
        val=usual_share(in_train) if val is None else val,
        test=0,
        seed=seed,
        transfer="copy",
        check_images="full",
    )
    draft = draft_plan(rows, options, own_path)
    scanned = read_images(root, rows, steps, check="full", prints=True)
    plan = make_plan(Labels(tuple(rows)), scanned, options, draft, own_path)
    return plan.manifest, plan.left_out


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
