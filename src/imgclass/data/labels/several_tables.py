"""Several tables of one data set as one: `train.csv` and `val.csv`, or one in each folder."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from imgclass.data.class_names import COLLISION, colliding_labels
from imgclass.data.faults import Faults
from imgclass.data.labels.given_splits import GivenSplits
from imgclass.data.labels.layout import Layout
from imgclass.data.labels.rows import LabelRows, read_rows
from imgclass.data.labels.tables import PathLike
from imgclass.data.manifest import Split
from imgclass.data.split_names import renamed, split_of
from imgclass.errors import LabelsError

_WORD_ENDS = str.maketrans("-. ", "___")


def tables_by_split(files: Sequence[str]) -> Mapping[str, Split]:
    """Return the split of each table, if they are called after splits, and each after another one.

    Example:
        >>> tables_by_split(["lists/train.csv", "lists/valid_labels.csv"])
        {'lists/train.csv': 'train', 'lists/valid_labels.csv': 'val'}
        >>> tables_by_split(["train.csv", "train_extra.csv"])
        {}
    """
    found = {file: split for file in files if (split := split_of_table(file)) is not None}
    distinct = set(found.values())
    return found if "train" in distinct and len(distinct) == len(files) > 1 else {}


def split_of_table(file: str) -> Split | None:
    """Return the split that a table is called after: by its first word, or by all."""
    name = PurePosixPath(file).stem
    return split_of(name) or split_of(name.translate(_WORD_ENDS).partition("_")[0])


def read_tables(
    root: PathLike,
    files: Sequence[str],
    layout: Layout,
    *,
    splits: Mapping[str, Split] | None = None,
    ignore_unlabelled: bool = False,
) -> LabelRows:
    """Read tables in a folder as one; rows are relative to the folder of their table, or to `root`.

    `splits` has the split of each table, if its name says so; otherwise columns may give it.
    """
    tables = [
        read_rows(Path(root, file), layout, ignore_unlabelled=ignore_unlabelled) for file in files
    ]
    rows = []
    for file, table in zip(files, tables, strict=True):
        folder = file.rpartition("/")[0]
        for row in table.rows:
            place = row if row.folder or not folder else replace(row, folder=folder)
            rows.append(replace(place, split=file) if splits else place)
    _require_distinct({row.label for row in rows})
    notices = [f"Labels are read from {', '.join(map(repr, files))}."]
    for table in tables:
        notices += [notice for notice in table.notices if notice not in notices]
    columns = [table.splits for table in tables if table.splits.by_value]
    given = columns[0] if len(columns) == len(tables) == 1 else GivenSplits()
    if splits:
        given = GivenSplits(splits)
        notices.append("The names of the tables give the splits.")
    unlabelled = sum(table.unlabelled for table in tables)
    return LabelRows(tuple(rows), given, tuple(notices), unlabelled)


def split_by_folder(table: LabelRows) -> LabelRows:
    """Take the first folder of every image for its split, if all of them are called like one."""
    paths = [f"{row.folder}/{row.id}" if row.folder else row.id for row in table.rows]
    names = [path.replace("\\", "/").removeprefix("./").partition("/")[0] for path in paths]
    splits = {name: split for name in set(names) if (split := split_of(name)) is not None}
    if len(splits) < len(set(names)) or not {"train"} < {*splits.values()}:
        return table
    rows = [replace(row, split=name) for row, name in zip(table.rows, names, strict=True)]
    how = "; ".join(("The first folder of an image gives its split", *renamed(sorted(splits))))
    return replace(
        table, rows=tuple(rows), splits=GivenSplits(splits), notices=(*table.notices, f"{how}.")
    )


def _require_distinct(labels: set[str]) -> None:
    pairs = colliding_labels(sorted(labels))
    if faults := Faults(f"{first!r} and {second!r}" for first, second in pairs):
        raise LabelsError(f"Expected labels that differ in more than {COLLISION}:\n{faults}")
