"""What a verb prints: a JSON object, or text in which names from outside are escaped."""

import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from imgclass.formatting import shortened

TRACE = 500  # lines; traces through Keras are long


def emit(payload: Mapping[str, Any], text: str, *, as_json: bool) -> None:
    """Print `payload` as JSON, or `text`, on standard output."""
    _write(dump(payload) if as_json else text)


def fail(kind: str, message: str, exit_code: int, *, as_json: bool) -> int:
    """Print an error, as JSON on standard output or as text on standard error; return `exit_code`.

    It may quote a file, so it is shortened and cannot control the terminal.
    """
    message = shortened(message)
    if as_json:
        _write(dump({"error": {"type": kind, "message": message, "exit_code": exit_code}}))
    else:
        note(f"imgclass: {message}")
    return exit_code


def note(message: str) -> None:
    """Print a line on standard error; standard output stays machine-readable."""
    sys.stderr.write(f"{shortened(message)}\n")


def dump(payload: Mapping[str, Any]) -> str:
    """Return JSON text that is valid UTF-8 even if file names are not."""
    return json.dumps(payload, indent=2, ensure_ascii=True, default=str)


def visible_lines(text: str) -> str:
    """Return `text` with long lines shortened and control characters escaped."""
    return shortened(text, lines=text.count("\n") + 1)


def note_trace() -> None:
    """Print the current error's traceback on standard error."""
    sys.stderr.write(f"{shortened(traceback.format_exc(), lines=TRACE)}\n")


def shown_path(path: Path) -> str:
    """Return a path relative to the working directory, if it lies in it."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows as aligned columns; the first row has the headings."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def progress_bar(label: str) -> tuple[Any, Callable[[int, int], None]]:
    """Return a progress bar for `with`, shown on a terminal, and its mover `(done, total)`."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    bar = Progress(
        TextColumn(label),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task(label, total=None)
    return bar, lambda done, total: bar.update(task, completed=done, total=total)


def _write(text: str) -> None:
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader closed the pipe (`| head`); Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
