"""Processes that are killed while they save checkpoints: the last one that was written is there."""

import itertools
import mmap
import os
import random
import shutil
import signal
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.robustness.children import start
from benchmarks.robustness.disturbances import killing_at
from benchmarks.robustness.synthetic_checkpoints import number_of, write_numbered
from benchmarks.robustness.trials import Row, Trials, require
from imgclass.errors import CheckpointError
from imgclass.io.fs import Call, FileSystem
from imgclass.training.checkpoints.folder import CheckpointFolder

SAVES = (1, 2, 3, 4, 5)  # each is killed at every call
TIMES, SHORT_TIMES = 120, 6
LONGEST = 0.4  # seconds of saving before a kill
SMALL, LARGE = 2_000, 2_000_000  # numbers in a checkpoint
SHORT_STRIDE = 12
LIMIT = 30.0


def prove(scratch: Path, *, short: bool) -> Row:
    """Try kills at every call of a save, with writes cut in half, and at random times."""
    trials, at_calls = Trials(), 0
    for save, number, name, half in itertools.islice(
        _calls(scratch), 0, None, SHORT_STRIDE if short else 1
    ):
        at_calls += 1
        how = ", half written" if half else ""
        with trials.trial(f"save {save}, call {number} ({name}{how})"), _fresh(scratch) as path:
            for earlier in range(1, save):
                write_numbered(CheckpointFolder(path), earlier, numbers=SMALL)
            call = _half_at(number) if half else killing_at(number)
            folder = CheckpointFolder(path, files=FileSystem(call=call))
            child = start(write_numbered, folder, save, numbers=SMALL)
            require(child.was_killed(), "the save ended before it was killed")
            _require_newest(path, at_least=save - 1, numbers=SMALL)
    chance = random.Random(0)  # noqa: S311  # the same trials each time
    for trial in range(SHORT_TIMES if short else TIMES):
        seconds = chance.uniform(0, LONGEST)
        name = f"time {trial}, after {seconds:.3f} s"
        with trials.trial(name, limit=LIMIT), _fresh(scratch) as path:
            _require_newest(path, at_least=_saved_until(path, seconds), numbers=LARGE)
    return trials.row(
        what="kill -9 while a checkpoint is saved",
        promise="the last checkpoint that was written, or the one after it, is whole; nothing "
        "half-written stays, and the next one can be written",
        note=f"{at_calls} at every file-system call of {len(SAVES)} saves, and with half of what "
        f"it writes; {trials.tried - at_calls} at random times into saves of {LARGE:,} numbers",
    )


def _calls(scratch: Path) -> Iterator[tuple[int, int, str, bool]]:
    """Yield every call of some saves: of which save, its number and name, whether half is done."""
    for save in SAVES:
        with _fresh(scratch) as path:
            for earlier in range(1, save):
                write_numbered(CheckpointFolder(path), earlier, numbers=SMALL)
            names: list[str] = []
            folder = CheckpointFolder(path, files=FileSystem(call=_noting(names)))
            write_numbered(folder, save, numbers=SMALL)
        for number, name in enumerate(names):
            yield save, number, name, False
            if name == "write":
                yield save, number, name, True


def _noting(names: list[str]) -> Call:
    def call(function: Callable[..., Any], *arguments: Any) -> Any:
        names.append(function.__name__)
        return function(*arguments)

    return call


def _half_at(number: int) -> Call:
    """Return what makes calls, and at one of them writes half and ends the process."""
    made = itertools.count()

    def call(function: Callable[..., Any], *arguments: Any) -> Any:
        if next(made) == number:
            descriptor, data = arguments
            os.write(descriptor, data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments)

    return call


def _saved_until(path: Path, seconds: float) -> int:
    """Let a process save without pause, kill it; return the last number whose save had returned."""
    shared = mmap.mmap(-1, 8)  # what a killed process wrote there stays
    child = start(_save_on, CheckpointFolder(path), shared)
    while not path.exists() and not child.is_done:
        time.sleep(0.001)
    time.sleep(seconds)
    os.kill(child.pid, signal.SIGKILL)
    require(child.was_killed(), "the process ended before it was killed")
    number: int = struct.unpack("q", shared[:8])[0]
    return number


def _save_on(folder: CheckpointFolder, shared: mmap.mmap) -> None:
    for number in itertools.count(1):
        write_numbered(folder, number, numbers=LARGE)
        shared[:8] = struct.pack("q", number)


def _require_newest(path: Path, *, at_least: int, numbers: int) -> None:
    """Require that the newest checkpoint is one of two, and that the folder can be gone on with."""
    folder = CheckpointFolder(path)
    folder.sweep()
    left = (
        [entry.name for entry in path.iterdir() if entry.name.startswith(".")] if at_least else []
    )
    require(not left, f"left behind after sweeping: {left}")
    try:
        found = number_of(folder.newest())
    except CheckpointError:
        found = 0  # as before the first one
    require(found is not None, "the newest checkpoint is made of several")
    require(found in (at_least, at_least + 1), f"expected {at_least} or the next; found {found}")
    number = (found or 0) + 1
    write_numbered(folder, number, numbers=numbers)
    newest = folder.newest()
    require(number_of(newest) == number and not newest.damaged, "the next one is not the newest")


@contextmanager
def _fresh(scratch: Path) -> Iterator[Path]:
    """Yield the path of a folder that is not there yet, and is gone afterwards."""
    path = scratch / "saves"
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
