"""Strict rows of a CSV of labels: each has an id, a label and a line, or the line is named."""

import errno
import os
import re
import sys
from collections.abc import Container, Iterator
from dataclasses import dataclass

from imgclass.data.class_names import class_collisions, class_directory
from imgclass.data.faults import Faults
from imgclass.data.labels.columns import choose_column, choose_columns
from imgclass.data.labels.csv_records import open_text, read_records
from imgclass.errors import LabelsError, MachineError, UnsafeError

_WRONG_PATH = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_UNSAFE = re.compile(r"[/~]|[A-Za-z]:|.*\\|(.*/)?\.\.(/|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One row of a CSV of labels.

    Attributes:
        id: Which image, exactly as the file has it.
        label: Its class, exactly as the file has it.
        line: Where the row begins; the first line is 1.
        group: What the column of groups says; None without such a column, or where it is empty.
    """

    id: str
    label: str
    line: int
    group: str | None = None


def read_rows(
    path: str | os.PathLike[str],
    *,
    id_column: str | None = None,
    label_column: str | None = None,
    group_column: str | None = None,
    delimiter: str | None = None,
    encoding: str = "utf-8",
) -> tuple[LabelRow, ...]:
    """Read a CSV of labels; nothing is guessed, shifted, converted or left out.

    Args:
        path: The file; its first row names the columns.
        id_column: The column that says which image; found by its name when not given.
        label_column: The column that says which class; found by its name when not given.
        group_column: The column that says which images belong together; none when not given.
        delimiter: What separates fields; found in the header when not given.
        encoding: Of the file. A UTF-8 byte order mark is accepted.

    Raises:
        LabelsError: The file is missing, is no such CSV, or rows in it have faults; the message
            names the file and the lines.
        UnsafeError: An id would leave the folder of images.
        UsageError: `delimiter` or `encoding` cannot be used.
        MachineError: The file cannot be read.
    """
    name = os.fspath(path)
    try:
        with open_text(path, encoding=encoding) as text:
            records = read_records(text, delimiter=delimiter)
            return _checked(records, id_column, label_column, group_column)
    except OSError as error:
        kind = LabelsError if error.errno in _WRONG_PATH else MachineError
        reason = error.strerror or error
        raise kind(f"Expected a CSV of ids and labels; received {name}: {reason}.") from error
    except (LabelsError, UnsafeError) as error:
        raise type(error)(f"{name}: {error}") from error


def _checked(
    records: Iterator[tuple[int, list[str]]],
    id_column: str | None,
    label_column: str | None,
    group_column: str | None,
) -> tuple[LabelRow, ...]:
    _, header = next(records, (0, []))
    if not header:
        raise LabelsError("expected a header and rows of ids and labels; received 0 rows")
    id_at, label_at = choose_columns(header, id_column=id_column, label_column=label_column)
    group_at = None if group_column is None else choose_column(header, group_column, kind="group")
    rows: list[LabelRow] = []
    labels: dict[str, int] = {}
    faults = Faults()
    error_type: type[LabelsError | UnsafeError] = LabelsError
    try:
        for line, fields in records:
            if len(fields) != len(header):
                faults.add(f"line {line}: {len(fields)} fields; the header has {len(header)}")
                continue
            group = fields[group_at] or None if group_at is not None else None
            row = LabelRow(fields[id_at], sys.intern(fields[label_at]), line, group)
            if _UNSAFE.match(row.id):
                error_type = UnsafeError
                faults.add(f"line {line}: the id {row.id!r} could lead out of the folder of images")
            elif fault := _fault(row, labels):
                faults.add(f"line {line}: {fault}")
            else:
                labels.setdefault(row.label, line)
                rows.append(row)
    except LabelsError as error:
        faults.add(str(error))
    for collision in class_collisions(labels):
        faults.add(collision)
    if faults:
        raise error_type(
            f"expected an id and a label in every row; faults: {len(faults):,}\n{faults}"
        )
    if not rows:
        raise LabelsError("expected rows of ids and labels below the header; received 0 rows")
    return tuple(rows)


def _fault(row: LabelRow, known_labels: Container[str]) -> str | None:
    if not row.id.strip():
        return "the id is empty"
    if _CONTROL.search(row.id):
        return f"the id {row.id!r} has a control character or line break"
    if row.label not in known_labels:
        try:
            class_directory(row.label)
        except LabelsError as error:
            return str(error)
    return None
