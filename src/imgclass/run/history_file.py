"""A history as `history.csv`, in the format of Keras's CSVLogger: one line an epoch."""

import csv
import io
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

from imgclass.training.history import Epoch

FILE = "history.csv"

# What Keras's logs call the fields of an Epoch; the others have the field's own name.
COLUMNS = {
    "loss": "categorical_crossentropy",
    "val_loss": "val_categorical_crossentropy",
    "objective": "loss",
    "val_objective": "val_loss",
}
_FIELDS = {COLUMNS.get(f.name, f.name): f.name for f in fields(Epoch) if f.name != "metrics"}


def format_history(epochs: Iterable[Epoch]) -> str:
    """Return the epochs as CSV text: a column `epoch` from 0, then the logs by name.

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


def read_history(path: Path) -> tuple[Epoch, ...]:
    """Read a `history.csv`; no epochs where there is no such file.

    Raises:
        ValueError: The file is damaged; the message names it and the line.
    """
    if not path.exists():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if missing := sorted(set(_FIELDS) - set(rows.fieldnames or ())):
            raise ValueError(f"{path}: the column {missing[0]} is missing.")
        epochs = []
        for row in rows:
            try:
                epochs.append(_epoch(row))
            except (TypeError, ValueError) as error:
                raise ValueError(f"{path}, line {rows.line_num}: {error}.") from error
        return tuple(epochs)


def _row(epoch: Epoch) -> dict[str, object]:
    own = {column: getattr(epoch, name) for column, name in _FIELDS.items()}
    return own | dict(epoch.metrics)


def _epoch(row: dict[str, str]) -> Epoch:
    values = {name: float(row.pop(column)) for column, name in _FIELDS.items()}
    row.pop("epoch")
    phase = int(values.pop("phase"))
    metrics = {name: float(text) for name, text in row.items() if text != "NA"}
    return Epoch(**values, phase=phase, metrics=metrics)
