"""Class folders as labels: the images of a tree, without or with splits of its own."""

from collections.abc import Collection
from pathlib import Path

from imgclass.data.class_names import COLLISION, colliding_labels
from imgclass.data.dataset.class_folders import SHAPE, others_notice
from imgclass.data.dataset.class_tree import tree_rows
from imgclass.data.dataset.combined_classes import combination_notice
from imgclass.data.dataset.plain_tree import empty_folders, plain_rows
from imgclass.data.dataset.split_folders import split_folders
from imgclass.data.faults import Faults
from imgclass.data.labels.labels import Labels
from imgclass.data.splitting.split import MIN_CLASSES
from imgclass.errors import DatasetError


def read_tree_labels(root: Path, *, known: Collection[str] = ()) -> Labels:
    """Read which image is in which class folder, and in which split if the tree has splits.

    Files in `known`, which a data set holds already, count as if they were there. Nothing is
    written and no image opened.
    """
    if split_folders(root):
        rows, notices = tree_rows(root, known)
    else:
        rows, others = plain_rows(root, known)
        names = sorted({row.label for row in rows})
        notices = (*empty_folders(root, names), *others_notice(others))
    labels = sorted({row.label for row in rows})
    if len(labels) < MIN_CLASSES:
        found = f"images of {labels[0]!r} only" if labels else "no image in a class folder"
        raise DatasetError(f"{SHAPE} {str(root)!r} has {found}.")
    faults = Faults(f"{first!r} and {second!r}" for first, second in colliding_labels(labels))
    if faults:
        raise DatasetError(
            f"Expected class folders of {str(root)!r} that every file system tells apart; these "
            f"differ only in {COLLISION}. Rename them:\n{faults}"
        )
    return Labels(tuple(rows), notices=(*combination_notice(labels), *notices))
