"""The table of experience: the rows that come with imgclass, and those of one's own trainings."""

import csv
import json
import os
import sys
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any

from imgclass.diagnosis.experience.row import Experience
from imgclass.diagnosis.experience.situation import Situation
from imgclass.io.fs import FileSystem
from imgclass.io.os_errors import machine_errors
from imgclass.io.untrusted_files import exists, read_text
from imgclass.serialization import from_plain, to_plain

PACKAGED = Path(__file__).with_name("table.csv")
LARGEST = 2**24  # bytes of one's own table: about 40,000 trainings
TEXTS = ("lever", "source")


class ExperienceWarning(UserWarning):
    """A part of the table of one's own trainings cannot be read; the rest is used."""


def known_experience() -> tuple[Experience, ...]:
    """Return every known row: those that come with imgclass, and those of one's own trainings."""
    own = own_table()
    if own is None or not exists(own):
        return packaged_experience()
    try:
        status = own.stat()
    except OSError as error:
        _warn(f"{own}: {error.strerror}.")
        return packaged_experience()
    return (*packaged_experience(), *_own_rows(own, status.st_size, status.st_mtime_ns))


@lru_cache(maxsize=1)
def packaged_experience() -> tuple[Experience, ...]:
    """Return the rows that come with imgclass."""
    if not PACKAGED.is_file():
        return ()
    return tuple(read_table(PACKAGED.read_text(encoding="utf-8")))


def own_table() -> Path | None:
    """Return the place of the table of one's own trainings; None if there is no home.

    It is `imgclass/experience.jsonl` below `XDG_DATA_HOME`, or below the system's usual place.
    """
    if chosen := os.environ.get("XDG_DATA_HOME"):
        home = Path(chosen)
    elif sys.platform == "win32" and (local := os.environ.get("LOCALAPPDATA")):
        home = Path(local)
    else:
        try:
            usual = "Library/Application Support" if sys.platform == "darwin" else ".local/share"
            home = Path.home() / usual
        except RuntimeError:  # a user without a home
            return None
    return home / "imgclass" / "experience.jsonl"


def add_experience(row: Experience) -> None:
    """Add a row to the table of one's own trainings, which is made if it is missing.

    Raises:
        MachineError: It cannot be written.
    """
    path = own_table()
    if path is None:
        return
    with machine_errors(path):
        files = FileSystem()
        files.make_directories(str(path.parent))
        files.append(str(path), line_of(row).encode())


def line_of(row: Experience) -> str:
    """Return a row as a line of JSON."""
    return json.dumps(to_plain(row), allow_nan=False) + "\n"


def rows_of(text: str, *, name: str) -> Iterator[Experience]:
    """Yield the rows of JSON lines; a damaged line is left out, with a warning that names it."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield from_plain(Experience, json.loads(line))
        except (ValueError, RecursionError) as error:
            _warn(f"{name}, line {number}, is left out: {error}")


def read_table(text: str) -> Iterator[Experience]:
    """Yield the rows of a CSV as `table_text` writes it."""
    names = {field.name for field in fields(Situation)}
    for row in csv.DictReader(StringIO(text)):
        values: dict[str, Any] = {
            name: cell if name in TEXTS else json.loads(cell) for name, cell in row.items()
        }
        situation = Situation(**{name: values.pop(name) for name in names})
        yield Experience(situation=situation, **values)


def table_text(rows: Iterable[Experience]) -> str:
    """Return rows as a CSV, a line each."""
    file = StringIO(newline="")
    own = [field.name for field in fields(Experience) if field.name != "situation"]
    writer = csv.DictWriter(
        file, [*own, *(field.name for field in fields(Situation))], lineterminator="\n"
    )
    writer.writeheader()
    for row in rows:
        flat = asdict(row)
        flat |= flat.pop("situation")
        writer.writerow({k: v if k in TEXTS else json.dumps(v) for k, v in flat.items()})
    return file.getvalue()


@lru_cache(maxsize=1)  # a warning is given once for each state of the file
def _own_rows(path: Path, size: int, changed: int) -> tuple[Experience, ...]:
    del size, changed  # they tell one state of the file from another
    try:
        text = read_text(path, limit=LARGEST, links=True)
    except (OSError, ValueError) as error:
        _warn(f"{path} is left out: {error}")
        return ()
    return tuple(rows_of(text, name=str(path)))


def _warn(message: str) -> None:
    warnings.warn(message, ExperienceWarning, stacklevel=2)
