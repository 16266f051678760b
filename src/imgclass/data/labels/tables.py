"""Opening a table of labels, whatever holds it: a file, a DataFrame, or two lists."""

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePath
from typing import Any, Protocol

from imgclass.data.labels.cells import text_of
from imgclass.data.labels.columns import ID_NAMES, LABEL_NAMES, RARE_LABEL_NAMES
from imgclass.data.labels.csv_records import open_text, read_records
from imgclass.data.labels.json_records import read_objects
from imgclass.data.labels.layout import Layout
from imgclass.errors import LabelsError, MachineError, UnsafeError, UsageError
from imgclass.images.formats import split_extension

PathLike = str | os.PathLike[str]


class Frame(Protocol):
    """What is used of a pandas DataFrame."""

    @property
    def columns(self) -> Iterable[Any]:
        """The names of its columns."""

    def itertuples(self, index: bool = ..., name: str | None = ...) -> Iterable[Any]:  # noqa: FBT001 - as pandas has it
        """Return its rows."""


TableSource = PathLike | Frame | tuple[Sequence[Any], Sequence[Any]]
"""A CSV, JSON Lines or Parquet file; a DataFrame; or ids and labels of equal number."""

JSON_LINES = (".jsonl", ".ndjson", ".json")
PARQUET = (".parquet", ".pq")
TEXT = (".csv", ".tsv", ".txt")
_WORKBOOKS = (".xlsx", ".xls", ".ods")
_WRONG_PATH = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL}

Records = Iterator[tuple[int, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Table:
    """The names of columns, and the rows with their numbers: `line 3` of a text, or `row 2`."""

    header: Sequence[str]
    records: Records
    unit: str = "line"
    notices: tuple[str, ...] = ()


@contextmanager
def open_table(source: TableSource, layout: Layout) -> Iterator[Table]:
    """Yield a table; errors that the reader of its rows raises are named by the table, too."""
    name = table_name(source)
    try:
        if not isinstance(source, str | os.PathLike):
            yield _in_memory(source)
        elif (kind := PurePath(source).suffix.lower()) in PARQUET:
            from imgclass.data.labels.parquet_records import open_parquet

            with open_parquet(source) as (header, records):
                yield Table(header, records, "row")
        else:
            _require_text(kind)
            with open_text(source, encoding=layout.encoding) as text:
                if kind in JSON_LINES:
                    yield Table(*read_objects(text))
                else:
                    yield _with_header(read_records(text, delimiter=layout.delimiter), layout)
    except OSError as error:
        raised = LabelsError if error.errno in _WRONG_PATH else MachineError
        reason = error.strerror or error
        raise raised(f"Expected a table of ids and labels; received {name}: {reason}.") from error
    except (LabelsError, UnsafeError) as error:
        raise type(error)(f"{name}: {error}") from error


def _require_text(ending: str) -> None:
    if ending in _WORKBOOKS:
        raise LabelsError("a workbook; save its sheet as 'CSV UTF-8', which is read")


def table_name(source: TableSource) -> str:
    """Return what messages call a table."""
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    return "the lists of ids and labels" if isinstance(source, tuple) else "the DataFrame"


def _in_memory(source: Any) -> Table:
    if isinstance(source, tuple):
        return _of_lists(source)
    if not (hasattr(source, "columns") and hasattr(source, "itertuples")):
        raise UsageError(
            "Expected labels as the path of a CSV, JSON Lines or Parquet file, a DataFrame, or a "
            f"tuple of ids and labels; received {type(source).__name__}."
        )
    rows = source.itertuples(index=False, name=None)
    return Table([text_of(name) for name in source.columns], _texts(rows), "row")


def _of_lists(source: tuple[Any, ...]) -> Table:
    sizes = [len(part) if hasattr(part, "__len__") else -1 for part in source]
    if len(sizes) != len(("ids", "labels")) or sizes[0] != sizes[1] or sizes[0] < 0:
        raise UsageError(
            "Expected two lists of equal length, ids and labels; received "
            f"{' and '.join(map(str, sizes)) or 'none'} items."
        )
    return Table(("id", "label"), _texts(zip(*source, strict=True)), "row")


def _texts(rows: Iterable[Iterable[Any]]) -> Records:
    for number, row in enumerate(rows, start=1):
        yield number, [text_of(value) for value in row]


def _with_header(records: Iterator[tuple[int, list[str]]], layout: Layout) -> Table:
    """Name columns by their numbers if the first line is a row."""
    line, header = next(records, (0, []))
    if layout.header and not _is_row(header, layout):
        return Table(header, records)
    names = [str(number) for number in range(1, len(header) + 1)]
    if layout.id_column is None and len(names) == len(("id", "label")):
        at = next((at for at, cell in enumerate(header) if split_extension(cell)[1]), 0)
        names = ["label", "label"]
        names[at] = "id"
    notice = f"There is no header: the first line, {', '.join(header)[:200]!r}, is read as a row."
    rows = chain([(line, header)] if header else [], records)
    return Table(names, rows, notices=(notice,) if layout.header else ())


def _is_row(header: Sequence[str], layout: Layout) -> bool:
    """Return whether a first line names an image file instead of columns."""
    usual = ID_NAMES | LABEL_NAMES | RARE_LABEL_NAMES
    named = layout.id_column, layout.label_column
    return (
        named == (None, None)
        and not any(name.casefold() in usual for name in header)
        and any(split_extension(cell)[1] for cell in header)
    )
