"""Finding the table of labels in a folder of images, as a competition's download has it."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from imgclass.data.labels.layout import Layout
from imgclass.data.labels.matching import match_rows
from imgclass.data.labels.rows import read_rows
from imgclass.data.labels.tables import JSON_LINES, PARQUET
from imgclass.errors import ImgclassError
from imgclass.images.folder_contents import scan_images

_ENDINGS = (".csv", ".tsv", *JSON_LINES, *PARQUET)
# Competitions add a file that shows how to hand in predictions; its labels are made up.
_NOT_LABELS = ("submission", "sample_sub")
PathLike = str | os.PathLike[str]
FIT = 0.5  # of the rows must have an image


@dataclass(frozen=True, slots=True)
class FoundTables:
    """Tables in a folder, relative to it: those whose rows have images, and why others do not fit.

    `reasons` has the first line of the error, or how few rows have images, by file.
    """

    fitting: tuple[str, ...]
    reasons: dict[str, str]


def tables_in(root: PathLike) -> tuple[str, ...]:
    """Return the tables in a folder and its subfolders, relative to it."""
    return tuple(filter(_is_table, scan_images(root).files))


def find_tables(root: PathLike, layout: Layout, *, known: Collection[str] = ()) -> FoundTables:
    """Try every table in a folder; `known` files count as if there. No image is opened."""
    files = sorted({*scan_images(root).files, *known})
    fitting = []
    reasons = {}
    for file in filter(_is_table, files):
        try:
            rows = read_rows(Path(root, file), layout, ignore_unlabelled=True).rows
        except ImgclassError as error:
            reasons[file] = str(error).partition("\n")[0].removeprefix(f"{Path(root, file)}: ")
            continue
        folder = os.path.realpath(root)
        found = len(match_rows(rows, files, folder=folder).images)
        if found > FIT * len(rows):
            fitting.append(file)
        else:
            reasons[file] = f"{found:,} of its {len(rows):,} rows have an image in this folder"
    return FoundTables(tuple(fitting), reasons)


def _is_table(file: str) -> bool:
    is_one = PurePosixPath(file).suffix.lower() in _ENDINGS
    return is_one and not any(word in file.casefold() for word in _NOT_LABELS)
