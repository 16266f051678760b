"""Reading the rows of a CSV of labels strictly: every faulty line is named."""

import errno
import os
import re
import sys
from collections.abc import Container, Iterator
from dataclasses import dataclass

from imgclass.data.class_names import class_collisions, class_directory
from imgclass.data.faults import Faults
from imgclass.data.labels.columns import choose_columns
from imgclass.data.labels.csv_records import open_text, read_records
from imgclass.errors import LabelsError, MachineError, UnsafeError

_WRONG_PATH = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_UNSAFE = re.compile(r"[/~]|[A-Za-z]:|.*\\|(.*/)?\.\.(/|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One row of a CSV of labels, exactly as the file has it.

    `line` is where it begins, from 1; `group` is None without such a column or value.
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

    A LabelsError names the faulty lines; an id that could lead out of the folder is an UnsafeError.
    """
    name = os.fspath(path)
    try:
        with open_text(path, encoding=encoding) as text:
            records = read_records(text, delimiter=delimiter)
            _, header = next(records, (0, []))
            columns = choose_columns(
                header, id_column=id_column, label_column=label_column, group_column=group_column
            )
            return _checked(records, len(header), *columns)
    except OSError as error:
        kind = LabelsError if error.errno in _WRONG_PATH else MachineError
        reason = error.strerror or error
        raise kind(f"Expected a CSV of ids and labels; received {name}: {reason}.") from error
    except (LabelsError, UnsafeError) as error:
        raise type(error)(f"{name}: {error}") from error


def _checked(
    records: Iterator[tuple[int, list[str]]],
    width: int,
    id_at: int,
    label_at: int,
    group_at: int | None,
) -> tuple[LabelRow, ...]:
    rows: list[LabelRow] = []
    labels: dict[str, int] = {}
    faults = Faults()
    error_type: type[LabelsError | UnsafeError] = LabelsError
    try:
        for line, fields in records:
            if len(fields) != width:
                faults.add(f"line {line}: {len(fields)} fields; the header has {width}")
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
