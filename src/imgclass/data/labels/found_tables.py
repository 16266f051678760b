"""Finding the table of labels in a folder of images, as a competition's download has it."""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from imgclass.data.labels.layout import Layout
from imgclass.data.labels.matching import match_rows
from imgclass.data.labels.rows import read_rows
from imgclass.data.labels.tables import JSON_LINES, PARQUET
from imgclass.errors import ImgclassError
from imgclass.images.folder_contents import scan_images
from imgclass.images.formats import split_extension

_ENDINGS = (".csv", ".tsv", *JSON_LINES, *PARQUET)
# Competitions add a file that shows how to hand in predictions; its labels are made up.
_NOT_LABELS = ("submission", "sample_sub")
PathLike = str | os.PathLike[str]
FIT = 0.5  # of the rows must have an image
MOST = 50  # tables are tried; where there are more, each belongs to one image


@dataclass(frozen=True, slots=True)
class FoundTables:
    """Tables in a folder, relative to it: those whose rows have images, and why others do not fit.

    `reasons` has the first line of the error, or how few rows have images, by file. `covers` is the
    share of all images, in 0-1, that have a row in a table that fits.
    """

    fitting: tuple[str, ...]
    reasons: dict[str, str]
    covers: float = 0.0


def tables_in(root: PathLike) -> tuple[str, ...]:
    """Return the tables in a folder and its subfolders, relative to it, the uppermost first."""
    return _tables(scan_images(root).files)


def find_tables(root: PathLike, layout: Layout, *, known: Collection[str] = ()) -> FoundTables:
    """Try every table in a folder; `known` files count as if there. No image is opened."""
    files = sorted({*scan_images(root).files, *known})
    folder = os.path.realpath(root)
    fitting = []
    reasons = {}
    labelled: set[str] = set()
    for file in _tables(files):
        try:
            rows = read_rows(Path(root, file), layout, ignore_unlabelled=True).rows
        except ImgclassError as error:
            reasons[file] = str(error).partition("\n")[0].removeprefix(f"{Path(root, file)}: ")
            continue
        found = match_rows(rows, files, folder=folder).images
        if len(found) > FIT * len(rows):
            fitting.append(file)
            labelled.update(image.source for image in found)
        else:
            number = f"{len(found):,} of its {len(rows):,}"
            reasons[file] = f"{number} rows have an image of their own in this folder"
    images = sum(bool(split_extension(file)[1]) for file in files)
    return FoundTables(tuple(fitting), reasons, len(labelled) / max(images, 1))


def _tables(files: Sequence[str]) -> tuple[str, ...]:
    found = [
        file
        for file in files
        if PurePosixPath(file).suffix.lower() in _ENDINGS
        and not any(word in file.casefold() for word in _NOT_LABELS)
    ]
    return tuple(sorted(found, key=lambda file: (file.count("/"), file))[:MOST])
