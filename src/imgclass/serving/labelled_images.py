"""The labelled images in a folder: class folders, a data set, or images with a CSV."""

import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from imgclass.data.dataset.class_folders import Others, list_images, others_notice
from imgclass.data.dataset.organized import read_dataset
from imgclass.data.dataset.record import DATASET
from imgclass.data.dataset.split_folders import split_folders
from imgclass.data.faults import listing
from imgclass.data.labels.labels import Leniency, read_labels
from imgclass.data.manifest import Split
from imgclass.errors import DatasetError, UsageError
from imgclass.formatting import count

# The images that a model did not learn from come first.
PREFERRED: tuple[Split, ...] = ("test", "val", "train")


@dataclass(frozen=True, slots=True)
class LabelledImages:
    """Images and their classes.

    Attributes:
        root: The folder.
        split: The split that they are; None if the folder has no splits.
        paths: Their files, relative to `root`, with `/`.
        labels: Their classes, in the order of `paths`.
        notices: What else is in the folder, one sentence each.
    """

    root: Path
    split: Split | None
    paths: tuple[str, ...]
    labels: tuple[str, ...]
    notices: tuple[str, ...] = ()

    def unknown(self, class_names: Collection[str]) -> dict[str, int]:
        """Return the number of images of each class that is not among `class_names`."""
        counts = Counter(label for label in self.labels if label not in class_names)
        return dict(sorted(counts.items()))

    def require_known(self, class_names: Sequence[str]) -> None:
        """Require that all classes are among `class_names`."""
        if unknown := self.unknown(class_names):
            named = listing([f"{name} ({count(n, 'image')})" for name, n in unknown.items()])
            raise DatasetError(
                f"Expected images of the classes that the model knows, {listing(class_names)}; "
                f"{str(self.root)!r} has {named}. Rename these classes, or leave their images out "
                f"(--ignore-unknown)."
            )


def labelled_images(
    root: str | os.PathLike[str],
    *,
    split: Split | None = None,
    labels: str | os.PathLike[str] | None = None,
) -> LabelledImages:
    """List the labelled images in a folder; none is opened.

    Args:
        root: A folder with one folder for each class; or a data set with splits, made by the
            organizer or by others; or, with `labels`, a folder of images.
        split: Which split of a data set: by default test, or val if there is no test.
        labels: A CSV of ids and labels, as the organizer reads it.

    Raises:
        DatasetError: There is no such folder, or no image in it that has a label.
        UsageError: The folder has no such split.
        LabelsError: The CSV cannot be read, or names images that are not there.
    """
    folder = Path(root)
    if not folder.is_dir():
        what = "it is a file" if folder.exists() else "there is no folder"
        raise DatasetError(f"Expected a folder of labelled images at {str(root)!r}; {what}.")
    others = Others()
    by_split = {} if labels is not None else _by_split(folder, others)
    if split is not None and split not in by_split:
        there = ", ".join(by_split) or "no splits"
        raise UsageError(f"Expected a split {split} in {str(root)!r}; it has {there}.")
    chosen = split or next((name for name in PREFERRED if name in by_split), None)
    if labels is not None:
        rows = read_labels(labels, folder, leniency=Leniency(ignore_unlabelled=True)).rows
        pairs = [(row.source, row.label) for row in rows]
    elif chosen is not None:
        pairs = by_split[chosen]
    else:
        others = Others()
        pairs = list(_in_class_folders(folder, "", others))
    if not pairs:
        raise DatasetError(
            f"Expected a folder for each class in {str(root)!r}, <class>/<image>, or a CSV of "
            f"labels (--labels); it has no image in a class folder."
        )
    paths, names = zip(*pairs, strict=True)
    return LabelledImages(folder, chosen, paths, names, tuple(others_notice(others)))


def _by_split(folder: Path, others: Others) -> dict[Split, list[tuple[str, str]]]:
    """Return the path and the label of each image of the splits that a folder has."""
    found: dict[Split, list[tuple[str, str]]] = {}
    if (folder / DATASET).is_file():
        for sample in read_dataset(folder)[1].samples:
            found.setdefault(sample.split, []).append((sample.path, sample.label))
        return found
    for name, split in split_folders(folder).items():
        found.setdefault(split, []).extend(_in_class_folders(folder, name, others))
    return {split: pairs for split, pairs in found.items() if pairs}


def _in_class_folders(root: Path, folder: str, others: Others) -> Iterator[tuple[str, str]]:
    for image in list_images(root, folder, others):
        yield image.source, image.label
