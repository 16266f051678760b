"""Reading JSON Lines: one object on each line, whose keys are the columns."""

import json
from collections.abc import Iterator, Mapping, Sequence
from io import BufferedReader, TextIOWrapper
from itertools import chain
from typing import Any

from imgclass.data.labels.csv_records import MAX_LINE, text_lines
from imgclass.errors import LabelsError
from imgclass.io.strict_json import parse_json


def read_objects(
    text: "TextIOWrapper[BufferedReader]",
) -> tuple[Sequence[str], Iterator[tuple[int, Sequence[str]]]]:
    """Return the keys of the first object, and for each line its number and the values as text.

    A key that a line lacks, and null, are empty; keys that only later lines have are passed over.
    """
    objects = _objects(text)
    first = next(objects, None)
    if first is None:
        return (), iter(())
    header = tuple(first[1])
    rows = chain([first], objects)
    return header, ((line, [_text(found.get(key)) for key in header]) for line, found in rows)


def _objects(text: "TextIOWrapper[BufferedReader]") -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text_lines(text), start=1):
        if not line.strip():
            continue
        try:
            found = parse_json(line, limit=MAX_LINE)
        except ValueError as error:
            raise LabelsError(f"line {number}: {error}") from error
        if not isinstance(found, dict):
            raise LabelsError(
                f"line {number}: one object a line expected, as in JSON Lines; received "
                f"{line.strip()[:40]!r}"
            )
        yield number, found


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
