"""Reading a table of labels together with its folder of images."""

import hashlib
import os
from collections.abc import Collection
from dataclasses import dataclass, replace

from imgclass.data.labels.layout import Layout
from imgclass.data.labels.matching import LabelledImage, match_rows
from imgclass.data.labels.problems import find_notices, find_problems
from imgclass.data.labels.rows import LabelRow, LabelRows, read_rows
from imgclass.data.labels.tables import TableSource, table_name
from imgclass.errors import LabelsError, UnsafeError
from imgclass.images.folder_contents import scan_images

NO_TABLE = hashlib.sha256().hexdigest()
"""Stands for the labels of class folders, which are in the paths of the images."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What labels and a folder of images say together.

    `rows` are in the table's order, each image once; `repeated` are rows that repeat an earlier
    one; `notices` are what else a user should know, one sentence each. `sha256` is the hash of the
    table.
    """

    rows: tuple[LabelledImage, ...]
    rows_without_image: tuple[LabelRow, ...] = ()
    images_without_row: tuple[str, ...] = ()
    repeated: tuple[LabelRow, ...] = ()
    notices: tuple[str, ...] = ()
    sha256: str = NO_TABLE


@dataclass(frozen=True, slots=True)
class Leniency:
    """What is left out and reported instead of being an error; and whether repetition is one."""

    strict: bool = False
    allow_missing: bool = False
    ignore_unlabelled: bool = False


def read_labels(
    source: TableSource,
    images: str | os.PathLike[str],
    layout: Layout | None = None,
    *,
    leniency: Leniency | None = None,
    known: Collection[str] = (),
) -> Labels:
    """Read which image has which label; write nothing and open no image.

    An id is the path of a file in the folder, with or without extension. If there is no such file,
    it is a number (`1` for `0001.png`) or a name in a subfolder, provided that only one file fits;
    a notice says so. The options are those of `DatasetOrganizer`. Files in `known`, which a data
    set holds already, need no row, and their rows need no file.
    """
    leniency = leniency or Leniency()
    table = read_rows(source, layout, ignore_unlabelled=leniency.ignore_unlabelled)
    own = (os.path.relpath(source, images),) if isinstance(source, str | os.PathLike) else ()
    return match_table(table, table_name(source), images, own=own, leniency=leniency, known=known)


def match_table(
    table: LabelRows,
    name: str,
    images: str | os.PathLike[str],
    *,
    own: Collection[str],
    leniency: Leniency,
    known: Collection[str] = (),
) -> Labels:
    """Match the rows of a table, called `name` in messages, with a folder of images.

    `own` are the files of the table, relative to the folder: they are no strangers in it.
    """
    found = scan_images(images)
    found = replace(found, files=tuple(file for file in found.files if file not in own))
    files = sorted({*found.files, *known}) if known else found.files
    folder = os.path.realpath(images)
    matching = match_rows(table.rows, files, folder=folder, splits=table.splits.by_value)
    if matching.unsafe:
        raise UnsafeError(
            f"{name}: expected ids of files in {os.fspath(images)}; faults: "
            f"{len(matching.unsafe):,}\n{matching.unsafe}"
        )
    unlabelled = tuple(file for file in matching.unlabelled if file not in known)
    matching = replace(matching, unlabelled=unlabelled)
    problems = find_problems(
        matching,
        found,
        strict=leniency.strict,
        allow_missing=leniency.allow_missing,
        ignore_unlabelled=leniency.ignore_unlabelled,
    )
    if problems:
        at = f"{name} and the images in {os.fspath(images)}"
        raise LabelsError("\n".join((f"{at} do not match.", *problems)))
    return Labels(
        rows=matching.images,
        rows_without_image=matching.missing,
        images_without_row=matching.unlabelled,
        repeated=matching.repeated,
        notices=(*table.notices, *find_notices(matching, found)),
    )
