"""Reading a CSV of labels together with its folder of images."""

import os
from collections.abc import Collection
from dataclasses import dataclass, replace

from imgclass.data.labels.matching import LabelledImage, match_rows
from imgclass.data.labels.problems import find_notices, find_problems
from imgclass.data.labels.rows import LabelRow, read_rows
from imgclass.errors import LabelsError
from imgclass.images.folder_contents import scan_images


@dataclass(frozen=True, slots=True)
class Labels:
    """What a CSV of labels and a folder of images say together.

    `rows` are in the CSV's order, each image once; `repeated` are rows that repeat an earlier one;
    `notices` are what else a user should know, one sentence each.
    """

    rows: tuple[LabelledImage, ...]
    rows_without_image: tuple[LabelRow, ...] = ()
    images_without_row: tuple[str, ...] = ()
    repeated: tuple[LabelRow, ...] = ()
    notices: tuple[str, ...] = ()


def read_labels(  # noqa: PLR0913 - one for each thing that a CSV can differ in
    csv: str | os.PathLike[str],
    images: str | os.PathLike[str],
    *,
    id_column: str | None = None,
    label_column: str | None = None,
    group_column: str | None = None,
    delimiter: str | None = None,
    encoding: str = "utf-8",
    strict: bool = False,
    allow_missing: bool = False,
    ignore_unlabelled: bool = False,
    known: Collection[str] = (),
) -> Labels:
    """Read which image has which label; write nothing and open no image.

    An id is the path of a file in the folder, with or without extension. If there is no such file,
    it is a number (`1` for `0001.png`) or a name in a subfolder, provided that only one file fits;
    a notice says so. The options are those of `DatasetOrganizer`. Files in `known`, which a data
    set holds already, need no row, and their rows need no file.
    """
    rows = read_rows(
        csv,
        id_column=id_column,
        label_column=label_column,
        group_column=group_column,
        delimiter=delimiter,
        encoding=encoding,
    )
    found = scan_images(images)
    matching = match_rows(rows, sorted({*found.files, *known}) if known else found.files)
    unlabelled = tuple(file for file in matching.unlabelled if file not in known)
    matching = replace(matching, unlabelled=unlabelled)
    problems = find_problems(
        matching,
        found,
        strict=strict,
        allow_missing=allow_missing,
        ignore_unlabelled=ignore_unlabelled,
    )
    if problems:
        at = f"{os.fspath(csv)} and the images in {os.fspath(images)}"
        raise LabelsError("\n".join((f"{at} do not match.", *problems)))
    return Labels(
        rows=matching.images,
        rows_without_image=matching.missing,
        images_without_row=matching.unlabelled,
        repeated=matching.repeated,
        notices=find_notices(matching, found),
    )
