"""`predictions.csv`: a row for each image, every label read as text."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from imgclass.data.manifest import SPLITS
from imgclass.evaluation import PREDICTION_COLUMNS, prediction_table
from imgclass.formatting import cut, shown_value
from imgclass.io.untrusted_files import table_rows
from imgclass.run.field_rules import LARGEST_TABLE, ROUNDING

LONGEST_PATH = 4096  # characters, as Linux has it
SHOWN_NAMES = 80  # characters of class names in a message


def read_predictions(path: Path, class_names: Sequence[str], *, images: int) -> pd.DataFrame:
    """Read a `predictions.csv` of exactly `images` rows."""
    rows = table_rows(path, limit=LARGEST_TABLE)
    _, header = next(rows, (1, []))
    if tuple(header) != PREDICTION_COLUMNS:
        raise ValueError(
            f"{path}, line 1: expected the columns {','.join(PREDICTION_COLUMNS)}; received "
            f"{shown_value(','.join(header))}."
        )
    classes, splits = {name: name for name in class_names}, {str(s): s for s in SPLITS}
    readers = (_path, _one_of(splits), *[_one_of(classes)] * 2, *[_probability] * 2)
    columns: tuple[list[Any], ...] = tuple([] for _ in readers)
    for line, row in rows:
        if len(row) != len(header):
            raise ValueError(
                f"{path}, line {line}: expected {len(header)} fields; received {len(row)}."
            )
        if len(columns[0]) == images:
            raise ValueError(f"{path}, line {line}: expected {images:,} images; there are more.")
        for name, column, read, text in zip(header, columns, readers, row, strict=True):
            try:
                column.append(read(text))
            except ValueError as error:
                raise ValueError(
                    f"{path}, line {line}, {name}: {error}; received {shown_value(text)}."
                ) from error
    if len(columns[0]) < images:
        raise ValueError(f"{path}: expected {images:,} images; received {len(columns[0]):,}.")
    return prediction_table(*columns)


def _path(text: str) -> str:
    if not 0 < len(text) <= LONGEST_PATH:
        raise ValueError(f"expected a path of at most {LONGEST_PATH:,} characters")
    return text


def _one_of(names: Mapping[str, str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in names:
            raise ValueError("expected one of " + cut(", ".join(islice(names, 10)), SHOWN_NAMES))
        return names[text]  # one object for all rows saves memory

    return read


def _probability(text: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise ValueError("expected a probability in 0-1") from error
    if not 0 <= number <= 1 + ROUNDING:
        raise ValueError("expected a probability in 0-1")
    return number
