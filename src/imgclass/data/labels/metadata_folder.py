"""Folders of images with a `metadata.csv`, as the Hugging Face data sets library reads them."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from imgclass.data.class_names import COLLISION, colliding_labels
from imgclass.data.faults import Faults
from imgclass.data.labels.given_splits import GivenSplits
from imgclass.data.labels.layout import Layout
from imgclass.data.labels.rows import LabelRow, LabelRows, read_rows
from imgclass.data.split_names import renamed, split_of
from imgclass.errors import LabelsError

NAMES = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
ID_COLUMN = "file_name"

PathLike = str | os.PathLike[str]


def metadata_files(root: PathLike) -> tuple[str, ...]:
    """Return the files of metadata in a folder or in the folders of its splits, relative to it."""
    with os.scandir(root) as found:
        folders = sorted(entry.name for entry in found if entry.is_dir())
    inside = [f"{folder}/" for folder in folders if split_of(folder)]
    paths = (f"{prefix}{name}" for prefix in ("", *inside) for name in NAMES)
    return tuple(path for path in paths if Path(root, path).is_file())


def read_metadata(
    root: PathLike, files: Sequence[str], layout: Layout, *, ignore_unlabelled: bool = False
) -> LabelRows:
    """Read the rows of such files; the folder of a file, or of an image, is its split."""
    layout = replace(layout, id_column=layout.id_column or ID_COLUMN)
    tables = [
        read_rows(Path(root, file), layout, ignore_unlabelled=ignore_unlabelled) for file in files
    ]
    notices = [notice for table in tables for notice in table.notices]
    notices.insert(0, f"Labels are read from {', '.join(map(repr, files))}.")
    rows = [
        replace(row, folder=folder or row.folder)
        for file, table in zip(files, tables, strict=True)
        for folder in [file.rpartition("/")[0]]
        for row in table.rows
    ]
    _require_distinct({row.label for row in rows})
    unlabelled = sum(table.unlabelled for table in tables)
    given = [table.splits for table in tables if table.splits.by_value]
    if given or layout.split_column is not None:
        splits = given[0] if len(given) == 1 else GivenSplits()
    else:
        rows, splits = _split_by_folder(rows)
        notices += splits.notices
    return LabelRows(tuple(rows), splits, tuple(dict.fromkeys(notices)), unlabelled)


def _require_distinct(labels: set[str]) -> None:
    pairs = colliding_labels(sorted(labels))
    if faults := Faults(f"{first!r} and {second!r}" for first, second in pairs):
        raise LabelsError(f"Expected labels that differ in more than {COLLISION}:\n{faults}")


def _split_by_folder(rows: list[LabelRow]) -> tuple[list[LabelRow], GivenSplits]:
    """Take the first folder of every image for its split, if all of them are called like one."""
    folders = [(f"{row.folder}/" if row.folder else "") + row.id for row in rows]
    names = [path.replace("\\", "/").removeprefix("./").partition("/")[0] for path in folders]
    splits = {name: split for name in set(names) if (split := split_of(name)) is not None}
    if len(splits) < len(set(names)) or not {"train"} < {*splits.values()}:
        return rows, GivenSplits()
    given = [replace(row, split=name) for row, name in zip(rows, names, strict=True)]
    how = "; ".join(("The first folder of an image gives its split", *renamed(sorted(splits))))
    return given, GivenSplits(splits, (f"{how}.",))
