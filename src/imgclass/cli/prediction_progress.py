"""How far a long prediction is: a bar on a terminal, else a line now and then."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from imgclass.cli.output import note
from imgclass.formatting import count, duration

SILENT = 2.0  # seconds; a shorter prediction shows nothing
OFTEN = 0.1  # seconds between two states of the bar
EVERY = 30.0  # seconds between two lines

Move = Callable[[int], None]


@contextmanager
def prediction_progress(total: int, *, start: int = 0, is_shown: bool = True) -> Iterator[Move]:
    """Yield what is called with the number of images that are done; it shows the rest of the time.

    Args:
        total: Number of images.
        start: How many were done before.
        is_shown: Whether anything is shown at all.
    """
    if not is_shown:
        yield lambda _: None
        return
    if not sys.stderr.isatty():
        yield _lines(total, start)
        return
    bar = _bar()
    task = bar.add_task("predicting", total=total, completed=start)
    shown = time.monotonic()

    def move(done: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown > (OFTEN if bar.live.is_started else SILENT):
            shown = now
            bar.start()
            bar.update(task, completed=done)

    try:
        yield move
    finally:
        bar.stop()


def _lines(total: int, start: int) -> Move:
    began = said = time.monotonic()

    def move(done: int) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said < EVERY or done >= total:
            return
        said, speed = now, (done - start) / (now - began)
        left = duration((total - done) / speed) if speed else "unknown"
        note(f"{done:,} of {count(total, 'image')}, {speed:,.0f} images/s, time left {left}")

    return move


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Speed(ProgressColumn):
        """Images a second."""

        def render(self, task: Task) -> Text:
            return Text("" if task.speed is None else f"{task.speed:,.0f} images/s")

    return Progress(
        TextColumn("predicting"),
        BarColumn(),
        MofNCompleteColumn(),
        Speed(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,  # it would move to standard error
    )
