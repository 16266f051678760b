"""Reading a tree without splits, `root/<class>/*`, and splitting it where it is."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from imgclass.data.dataset.class_folders import (
    SHAPE,
    Others,
    folder_names,
    list_images,
    others_notice,
    own_path,
    read_images,
)
from imgclass.data.dataset.combined_classes import combination_notice
from imgclass.data.dataset.plan import draft_plan, make_plan, sound_images
from imgclass.data.dataset.record import LeftOut
from imgclass.data.dataset.shares import usual_share
from imgclass.data.dataset.split_folders import split_folders
from imgclass.data.faults import listing
from imgclass.data.labels.labels import Labels
from imgclass.data.labels.matching import LabelledImage
from imgclass.data.manifest import SPLITS, Manifest, Split
from imgclass.data.options import Options
from imgclass.data.splitting.given import NO_TEST
from imgclass.errors import DatasetError
from imgclass.formatting import count
from imgclass.images.formats import split_extension
from imgclass.io.workers.progress import Steps


def read_plain_tree(
    root: Path, *, val: float | None, test: float | None, seed: int, steps: Steps
) -> tuple[Manifest, LeftOut]:
    """Read every image of a tree without splits, and give each a split; nothing is written.

    Classes are split in proportion to their size; images that show one picture stay in one split.
    Images that cannot be decoded are left out.
    """
    rows, others = plain_rows(root)
    share = usual_share(len(rows))
    options = Options(
        val=share if val is None else val,
        test=share if test is None else test,
        seed=seed,
        transfer="copy",
        check_images="full",
    )
    names = sorted({row.label for row in rows})
    _require_enough(root, names, rows, options)
    draft = draft_plan(rows, options, own_path)
    steps.total = len(rows)
    scanned = read_images(root, rows, steps, check="full", prints=True)
    _require_enough(root, names, sound_images(rows, scanned)[0], options)
    plan = make_plan(Labels(tuple(rows)), scanned, options, draft, own_path)
    _require_every_class(root, plan.manifest, options)
    notices = (
        *_how(options),
        *plan.left_out.notices,
        *combination_notice(names),
        *empty_folders(root, names),
        *others_notice(others),
    )
    return plan.manifest, replace(plan.left_out, notices=notices)


def plain_rows(root: Path, known: Collection[str] = ()) -> tuple[list[LabelledImage], Others]:
    """Return the images of a tree without splits, and its other entries; one class is an error.

    Files in `known` count as if they were there.
    """
    others = Others()
    rows = list(list_images(root, "", others, known=known))
    names = sorted({row.label for row in rows})
    if whole := [name for name in names if "train" in split_folders(root / name).values()]:
        raise DatasetError(
            f"{SHAPE} In {str(root)!r}, {listing(whole)} holds train, as a data set does. "
            f"Did you mean {str(root / whole[0])!r}?"
        )
    if len(names) > 1:
        return rows, others
    if names:
        inside = folder_names(root / names[0])
        meant = f" Did you mean {str(root / names[0])!r}?" if inside else ""
        raise DatasetError(f"{SHAPE} {str(root)!r} has images of {names[0]!r} only.{meant}")
    entries = sorted(entry.name for entry in root.iterdir() if entry.name[0] != ".")
    loose = sum(bool(split_extension(name)[1]) for name in entries)
    holds = f"it holds {listing(entries)}" if entries else "it is empty"
    holds = f"it has {count(loose, 'image')} outside of class folders" if loose else holds
    if links := [name for name in folder_names(root) if (root / name).is_symlink()]:
        holds += f"; links to folders outside of it are not followed ({listing(links)})"
    raise DatasetError(f"{SHAPE} {str(root)!r} has no image in a class folder; {holds}.")


def _sizes(options: Options) -> Mapping[Split, float]:
    return {"train": 1, "val": options.val, "test": options.test}


def _require_enough(
    root: Path, names: Sequence[str], rows: Sequence[LabelledImage], options: Options
) -> None:
    """Require an image of each class for each split."""
    asked = [split for split in SPLITS if _sizes(options)[split]]
    sizes = Counter(row.label for row in rows)
    small = [f"{name} ({sizes[name]})" for name in names if sizes[name] < len(asked)]
    if small:
        raise DatasetError(
            f"Expected {len(asked)} sound images or more of each class of {str(root)!r}, for "
            f"{', '.join(asked)}; received {listing(small)}. Add images, or take these folders out."
        )


def _require_every_class(root: Path, manifest: Manifest, options: Options) -> None:
    for split, size in _sizes(options).items():
        absent = [name for name, images in manifest.class_counts(split).items() if not images]
        if size and absent:
            raise DatasetError(
                f"Expected pictures of each class of {str(root)!r} for train, val and test; of "
                f"{listing(absent)} there are too few, since images that show one picture stay in "
                f"one split. Add others, or take these folders out."
            )


def _how(options: Options) -> Iterator[str]:
    sizes = ", ".join(
        f"{f'{100 * size:.3g} %' if isinstance(size, float) else count(size, 'image')} to {split}"
        for split, size in _sizes(options).items()
        if split != "train" and size
    )
    yield f"Split in place by class, seed {options.seed}: {sizes}. No file was moved or copied."
    if not options.test:
        yield NO_TEST


def empty_folders(root: Path, names: Sequence[str]) -> Iterator[str]:
    """Name the folders that are no classes because they hold no image."""
    folders = {name for name in folder_names(root) if not (root / name).is_symlink()}
    if empty := sorted(folders - set(names)):
        yield f"Folders without an image, which are no classes: {listing(empty)}."
