"""Where labels come from: a table, metadata in the folder of images, or its class folders."""

import hashlib
import json
import os
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from imgclass.data.dataset.record import file_sha256
from imgclass.data.dataset.split_folders import split_folders
from imgclass.data.dataset.tree_labels import read_tree_labels
from imgclass.data.faults import listing
from imgclass.data.labels.found_tables import FoundTables, find_tables, tables_in
from imgclass.data.labels.labels import NO_TABLE, Labels, Leniency, match_table, read_labels
from imgclass.data.labels.layout import Layout
from imgclass.data.labels.metadata_folder import metadata_files, read_metadata
from imgclass.data.labels.several_tables import read_tables, split_of_table, tables_by_split
from imgclass.data.labels.tables import TableSource, open_table
from imgclass.errors import DatasetError, LabelsError

FEW = 0.5  # of the images: a table with rows for fewer does not count before class folders
MOST_TABLES = 6  # that are called after splits, and of which any may be those that were read


def read_source(
    labels: TableSource | None,
    images: str,
    layout: Layout,
    leniency: Leniency,
    *,
    known: Collection[str] = (),
) -> Labels:
    """Read which image has which label, with the hash of what says so.

    Without labels that is, in this order, metadata as Hugging Face has it, the one table in the
    folder whose rows have images, or one for each split, or the class folders. A path that leads
    nowhere may be that of a table in the folder. Files in `known`, which a data set holds already,
    count as if they were there.
    """
    if labels is not None:
        table = _existing(labels, images)
        found = read_labels(table, images, layout, leniency=leniency, known=known)
        return replace(found, sha256=_table_sha256(table, layout))
    ignore = leniency.ignore_unlabelled
    if files := metadata_files(images):
        rows = read_metadata(images, files, layout, ignore_unlabelled=ignore)
    else:
        tables = find_tables(images, layout, known=known)
        if not tables.fitting:
            return _read_tree(images, tables.reasons, known=known)
        if tables.covers < FEW and (tree := _tree_beside(images, tables, known=known)):
            return tree
        files, splits = tables.fitting, tables_by_split(tables.fitting)
        if len(files) > 1 and not splits:
            raise LabelsError(
                f"Expected one table of labels in {images}, or one for each split, such as "
                f"train.csv and val.csv; {listing(files)} fit. Name one: imgclass organize "
                f"{files[0]} {images} --out DATA."
            )
        rows = read_tables(images, files, layout, splits=splits, ignore_unlabelled=ignore)
    name = ", ".join(files)
    found = match_table(rows, name, images, own=files, leniency=leniency, known=known)
    return replace(found, sha256=_files_sha256(images, files))


def possible_hashes(labels: TableSource | None, images: str, layout: Layout) -> frozenset[str]:
    """Return the hashes that labels can have whose images were moved away, so that none matches."""
    if labels is not None:
        return frozenset({_table_sha256(_existing(labels, images), layout)})
    if files := metadata_files(images):
        return frozenset({_files_sha256(images, files)})
    found = tables_in(images)
    named = [file for file in found if split_of_table(file) is not None][:MOST_TABLES]
    sets = [files for number in range(2, len(named) + 1) for files in combinations(named, number)]
    hashes = (_files_sha256(images, files) for files in ((file,) for file in found))
    return frozenset({NO_TABLE, *hashes, *(_files_sha256(images, files) for files in sets)})


def _existing(labels: TableSource, images: str) -> TableSource:
    if isinstance(labels, str | os.PathLike):
        inside = Path(images, labels)
        if not os.path.lexists(labels) and inside.is_file():
            return inside
    return labels


def _tree_beside(images: str, tables: FoundTables, *, known: Collection[str]) -> Labels | None:
    """Return the labels of class folders, if there are some, beside tables of few of the images."""
    try:
        tree = _read_tree(images, {}, known=known)
    except DatasetError:
        return None
    few = f"{listing(tables.fitting)} has rows for {100 * tables.covers:.0f} % of the images"
    return _noted(tree, f"{few} and is not used; name it before the folder to use it.")


def _read_tree(images: str, reasons: dict[str, str], *, known: Collection[str] = ()) -> Labels:
    """Read class folders; if there are none, say why no table in the folder fits either."""
    try:
        found = read_tree_labels(Path(images), known=known)
    except DatasetError as error:
        if not reasons:
            raise
        shown = "".join(f"\n  {file}: {why}" for file, why in reasons.items())
        raise LabelsError(
            f"{error}\nThe tables in the folder could not be used for labels:{shown}\nName the "
            f"one that is: imgclass organize {next(iter(reasons))} {images} --out DATA."
        ) from error
    kind = "splits and classes" if split_folders(Path(images)) else "classes"
    return _noted(found, f"The folders are the {kind}.")


def _noted(labels: Labels, notice: str) -> Labels:
    return replace(labels, notices=(notice, *labels.notices))


def _table_sha256(table: TableSource, layout: Layout) -> str:
    if isinstance(table, str | os.PathLike):
        return file_sha256(table)
    digest = hashlib.sha256()
    with open_table(table, layout) as opened:
        digest.update(json.dumps(list(opened.header)).encode())
        for _, row in opened.records:
            digest.update(json.dumps(list(row)).encode())
    return digest.hexdigest()


def _files_sha256(images: str, files: Sequence[str]) -> str:
    hashes = [file_sha256(Path(images, file)) for file in files]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()
