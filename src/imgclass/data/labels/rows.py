"""Reading the rows of a table of labels strictly: every faulty row is named."""

import re
import sys
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import chain

from imgclass.data.class_names import class_collisions, class_directory
from imgclass.data.faults import Faults
from imgclass.data.labels.columns import Columns, choose_columns
from imgclass.data.labels.given_splits import GivenSplits, read_splits
from imgclass.data.labels.layout import Layout
from imgclass.data.labels.one_hot import marked_class
from imgclass.data.labels.tables import Records, Table, TableSource, open_table
from imgclass.errors import LabelsError

_LEAVE_OUT = "; such rows are left out with ignore_unlabelled (--ignore-unlabelled)"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One row of a table of labels, exactly as the table has it.

    `line` is where it begins, from 1, in what `unit` counts. `group`, `split` and `folder` are None
    without such a column or value.
    """

    id: str
    label: str
    line: int
    group: str | None = None
    split: str | None = None
    folder: str | None = None
    unit: str = "line"

    @property
    def at(self) -> str:
        """Where the row is, for messages: `line 3`."""
        return f"{self.unit} {self.line}"


@dataclass(frozen=True, slots=True)
class LabelRows:
    """The rows of a table, the splits that it gives, and how it was read, one sentence each.

    `unlabelled` is the number of rows without a label that were passed over.
    """

    rows: tuple[LabelRow, ...]
    splits: GivenSplits
    notices: tuple[str, ...] = ()
    unlabelled: int = 0


def read_rows(
    source: TableSource, layout: Layout | None = None, *, ignore_unlabelled: bool = False
) -> LabelRows:
    """Read a table of labels; nothing is guessed, shifted, converted or left out.

    A LabelsError names the faulty rows. With `ignore_unlabelled` rows without a label are passed
    over.
    """
    layout = layout or Layout()
    with open_table(source, layout) as table:
        first, records = _peek(table)
        columns = choose_columns(table.header, layout, first)
        rows, unlabelled = _checked(table, records, columns, skip=ignore_unlabelled)
        notices = [*table.notices, *_how(table, columns, unlabelled)]
        splits = GivenSplits()
        if columns.splits is not None:
            column = table.header[columns.splits]
            splits = read_splits({row.split or "" for row in rows}, column, layout)
        return LabelRows(rows, splits, (*notices, *splits.notices), unlabelled)


def _peek(table: Table) -> tuple[Sequence[str], Records]:
    """Return the first row, empty if it is faulty, and all rows; a fault comes when it is read."""
    try:
        row = next(table.records, None)
    except LabelsError as error:
        return (), _raising(error)
    if row is None:
        return (), iter(())
    first = row[1] if len(row[1]) == len(table.header) else ()
    return first, chain([row], table.records)


def _raising(error: LabelsError) -> Records:
    yield from ()
    raise error


def _checked(
    table: Table, records: Records, columns: Columns, *, skip: bool
) -> tuple[tuple[LabelRow, ...], int]:
    rows: list[LabelRow] = []
    labels: dict[str, int] = {}
    faults = Faults()
    unlabelled, width, unit = 0, len(table.header), table.unit
    try:
        for line, fields in records:
            if len(fields) != width:
                faults.add(f"{unit} {line}: {len(fields)} fields; the header has {width}")
                continue
            try:
                row = _row(table, columns, line, fields)
            except LabelsError as error:
                faults.add(f"{unit} {line}: {error}")
                continue
            if skip and row.id.strip() and not row.label.strip():
                unlabelled += 1
            elif fault := _fault(row, labels):
                faults.add(f"{row.at}: {fault}")
            else:
                labels.setdefault(row.label, line)
                rows.append(row)
    except LabelsError as error:
        faults.add(str(error))
    for collision in class_collisions(labels):
        faults.add(collision)
    if faults:
        raise LabelsError(
            f"expected an id and a label in every row; faults: {len(faults):,}\n{faults}"
        )
    if not rows:
        raise LabelsError("expected rows of ids and labels below the header; received 0 rows")
    return tuple(rows), unlabelled


def _row(table: Table, columns: Columns, line: int, fields: Sequence[str]) -> LabelRow:
    if len(columns.labels) == 1:
        label = fields[columns.labels[0]]
    else:
        names = [table.header[at] for at in columns.labels]
        label = marked_class([fields[at] for at in columns.labels], names)
    group, split, folder = (
        None if at is None or not fields[at] else sys.intern(fields[at])
        for at in (columns.groups, columns.splits, columns.folder)
    )
    return LabelRow(fields[columns.ids], sys.intern(label), line, group, split, folder, table.unit)


def _fault(row: LabelRow, known_labels: Container[str]) -> str | None:
    if not row.id.strip():
        return "the id is empty"
    if _CONTROL.search(row.id):
        return f"the id {row.id!r} has a control character or line break"
    if not row.label.strip():
        return f"the label is empty{_LEAVE_OUT}"
    if row.label not in known_labels:
        try:
            class_directory(row.label)
        except LabelsError as error:
            return str(error)
    return None


def _how(table: Table, columns: Columns, unlabelled: int) -> list[str]:
    notices = []
    if len(columns.labels) > 1:
        names = table.header[columns.labels[0]], table.header[columns.labels[-1]]
        notices.append(
            f"The {len(columns.labels):,} columns from {names[0]!r} to {names[1]!r} are the "
            "classes; 1 marks the class of a row."
        )
    if columns.folder is not None:
        folder, file = table.header[columns.folder], table.header[columns.ids]
        notices.append(f"An image is found by the columns {folder!r} and {file!r} together.")
    if unlabelled:
        notices.append(f"Rows without a label, left out: {unlabelled:,}.")
    return notices
