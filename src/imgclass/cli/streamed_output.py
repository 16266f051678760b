"""Standard output line by line, and one JSON object with a list of any length."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from textwrap import indent
from typing import Any

from imgclass.cli.output import dump
from imgclass.io.os_errors import machine_errors

IN_MEMORY = 2**24  # characters of JSON; more of it waits in a temporary file


def print_lines(lines: Iterable[str]) -> bool:
    """Print lines as they come; return False if the reader has gone (`| head`), and stop then."""
    try:
        for line in lines:
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True


def print_json_list(name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Print the object `{name: rows}` as `emit` would, once the last row is there.

    An error on the way is then still the only JSON that is printed.
    """
    with (
        machine_errors(Path(tempfile.gettempdir())),
        tempfile.SpooledTemporaryFile(IN_MEMORY, "w+", encoding="utf-8") as kept,
    ):
        kept.write(f'{{\n  "{name}": [')
        before = "\n"
        for row in rows:
            kept.write(before + indent(dump(row), "    "))
            before = ",\n"
        kept.write("\n  ]\n}\n")
        kept.seek(0)
        _copy_to_output(kept)


def _copy_to_output(kept: Any) -> None:
    try:
        shutil.copyfileobj(kept, sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
