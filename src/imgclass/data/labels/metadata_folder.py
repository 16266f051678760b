"""Folders of images with a `metadata.csv`, as the Hugging Face data sets library reads them."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from imgclass.data.labels.layout import Layout
from imgclass.data.labels.rows import LabelRows
from imgclass.data.labels.several_tables import read_tables, split_by_folder
from imgclass.data.labels.tables import PathLike
from imgclass.data.split_names import split_of

NAMES = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
ID_COLUMN = "file_name"


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
    table = read_tables(root, files, layout, ignore_unlabelled=ignore_unlabelled)
    has_splits = table.splits.by_value or layout.split_column is not None
    return table if has_splits else split_by_folder(table)
