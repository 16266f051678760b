"""`history.csv`: a history in the format of Keras's CSVLogger, one line for each epoch."""

import csv
import io
from collections.abc import Iterable
from dataclasses import fields
from math import isfinite, isnan, nan
from pathlib import Path

from imgclass.errors import UsageError
from imgclass.formatting import cut, shown_value
from imgclass.io.untrusted_files import exists, table_rows
from imgclass.run.field_rules import LARGEST_HISTORY
from imgclass.training.history import Epoch

FILE = "history.csv"

# Fields of an Epoch that have another name in Keras's logs.
COLUMNS = {
    "loss": "categorical_crossentropy",
    "val_loss": "val_categorical_crossentropy",
    "objective": "loss",
    "val_objective": "val_loss",
}
MOST_PHASES = 1000
_FIELDS = {COLUMNS.get(f.name, f.name): f.name for f in fields(Epoch) if f.name != "metrics"}


def format_history(epochs: Iterable[Epoch]) -> str:
    """Return CSV text: a column `epoch` from 0, then the logs by name.

    Example:
        >>> print(format_history([Epoch(1.5, 0.5, 1.25, 0.75, 0.01, 2.0)]).splitlines()[0])
        epoch,accuracy,categorical_crossentropy,learning_rate,loss,...
    """
    rows = [_row(epoch) for epoch in epochs]
    columns = sorted({*_FIELDS, *(name for row in rows for name in row)})
    text = io.StringIO()
    writer = csv.DictWriter(text, ["epoch", *columns], lineterminator="\n", restval="NA")
    writer.writeheader()
    writer.writerows({"epoch": i} | row for i, row in enumerate(rows))
    return text.getvalue()


def read_logs(path: Path) -> dict[str, list[float]]:
    """Return the logs of a history's CSV file by Keras's names, as `CSVLogger` writes it.

    Raises:
        UsageError: It is not such a file; the message names it and the line.
    """
    try:
        (_, names), *rows = table_rows(path, limit=LARGEST_HISTORY)
        numbers = [_logged(row, f"line {line}", len(names)) for line, row in rows]
    except (OSError, ValueError) as error:
        raise UsageError(
            f"Expected a CSV file with a row for each epoch, as Keras's CSVLogger writes it; "
            f"received {path}: {error}"
        ) from error
    columns = {name: [row[i] for row in numbers] for i, name in enumerate(names)}
    return {name: column for name, column in columns.items() if name != "epoch"}


def _logged(row: list[str], at: str, length: int) -> list[float]:
    if len(row) != length:
        raise ValueError(
            f"{at}: expected as many fields as in the header, {length}; received {len(row)}."
        )
    return [nan if text in {"", "NA"} else _number(text, at) for text in row]


def read_history(path: Path) -> tuple[Epoch, ...]:
    """Read a `history.csv`; without the file there are no epochs.

    The last epoch may contain NaN: training may have diverged in it.
    """
    if not exists(path):
        return ()
    rows = list(table_rows(path, limit=LARGEST_HISTORY))
    _, columns = rows[0] if rows else (1, [])
    if missing := sorted({"epoch", *_FIELDS} - set(columns)):
        raise ValueError(f"{path}: the column {missing[0]} is missing.")
    if len(set(columns)) < len(columns):
        raise ValueError(f"{path}, line 1: expected each column once.")
    epochs: list[Epoch] = []
    for line, row in rows[1:]:
        at = f"{path}, line {line}"
        if len(row) != len(columns):
            raise ValueError(f"{at}: expected {len(columns)} fields; received {len(row)}.")
        is_last = len(epochs) == len(rows) - 2
        values = dict(zip(columns, row, strict=True))
        if values.pop("epoch") != str(len(epochs)):
            raise ValueError(f"{at}: expected the epoch {len(epochs)}.")
        epochs.append(_epoch(values, at, may_be_nan=is_last))
    return tuple(epochs)


def _row(epoch: Epoch) -> dict[str, object]:
    own = {column: getattr(epoch, name) for column, name in _FIELDS.items()}
    return own | dict(epoch.metrics)


def _epoch(row: dict[str, str], at: str, *, may_be_nan: bool) -> Epoch:
    values = {}
    for column, name in _FIELDS.items():
        number = _number(row.pop(column), f"{at}, {column}")
        expected = _expected(name, number)
        if expected and not (isnan(number) and may_be_nan and name != "phase"):
            raise ValueError(f"{at}, {column}: expected {expected}; received {number:g}.")
        values[name] = number
    phase = int(values.pop("phase"))
    metrics = {
        name: _number(text, f"{at}, {cut(name, 40)}") for name, text in row.items() if text != "NA"
    }
    return Epoch(**values, phase=phase, metrics=metrics)


def _expected(name: str, number: float) -> str:
    """Return what a field should be; empty if `number` fits. A loss may be anything."""
    if name in {"accuracy", "val_accuracy"} and not 0 <= number <= 1:
        return "a number in 0-1"
    if name in {"learning_rate", "seconds"} and not isfinite(number):
        return "a finite number"
    if name == "phase" and number not in range(1, MOST_PHASES + 1):
        return f"a whole number from 1 to {MOST_PHASES:,}"
    return ""


def _number(text: str, at: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ValueError(f"{at}: expected a number; received {shown_value(text)}.") from error
