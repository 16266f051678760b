"""Trainings at once, trainings whose system calls fail, trainings that are killed: what is kept."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import crash_harness
from benchmarks.robustness import training_faults
from benchmarks.robustness.children import Child, in_child, start
from benchmarks.robustness.kept_runs import require_whole
from benchmarks.robustness.tiny_training import (
    SETTING,
    fresh_place,
    import_keras,
    quiet,
    train,
    write_data,
)
from benchmarks.robustness.trials import Row, Trials, require
from imgclass import runs

FEWEST, MOST = 2, 8  # trainings at once
ROUNDS, SHORT_ROUNDS = 50, 3
COMMANDS, SHORT_COMMANDS = 3, 1
HEAD_START = 0.2  # seconds in which every process gets ready, so that all begin at once
PATIENCE = 180.0
NETWORK = ("--depth", "1", "--width", "4", "--image-size", "8")
OPTIONS = (*NETWORK, "--epochs", "1", "--optimizer", "sgd", "--learning-rate", "0.1")


def prove(*, short: bool) -> list[Row]:
    """Try trainings at once, then failing system calls, then kills."""
    import_keras()
    with crash_harness.scratch_folder() as scratch, quiet():
        data = write_data(scratch / "home").root
        return [
            _try_at_once(data, scratch, SHORT_ROUNDS if short else ROUNDS),
            _try_commands(data, scratch, SHORT_COMMANDS if short else COMMANDS),
            *training_faults.prove(data, scratch, short=short),
        ]


def _try_at_once(data: Path, scratch: Path, rounds: int) -> Row:
    trials, started = Trials(), 0
    for number in range(rounds):
        together = FEWEST + number % (MOST - FEWEST + 1)
        started += together
        with (
            trials.trial(f"round {number}, {together} at once", limit=PATIENCE),
            fresh_place(scratch) as place,
        ):
            at = time.monotonic() + HEAD_START
            children = [start(train, data, place, epochs=1, at=at) for _ in range(together)]
            with _collected(children):
                _watch(place / "runs", children)
                paths = [child.result() for child in children]
            require(len(set(paths)) == together, "two trainings took one directory")
            in_child(require_whole, place / "runs", data, together)
    return trials.row(
        what=f"{FEWEST} to {MOST} trainings at once, which take the next free names",
        promise="each ends in a whole run of its own whose model predicts; "
        "`runs` never shows one as damaged or interrupted",
        note=f"{started} trainings of one epoch, {SETTING}",
    )


def _try_commands(data: Path, scratch: Path, rounds: int) -> Row:
    trials = Trials()
    for number in range(rounds):
        with trials.trial(f"round {number}", limit=PATIENCE), fresh_place(scratch) as place:
            command = [sys.executable, "-m", "imgclass", "train", str(data), *OPTIONS]
            two = [
                subprocess.Popen(
                    command, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
                )
                for _ in range(2)
            ]
            try:
                said = [process.communicate()[1] for process in two]
            finally:
                for process in two:
                    process.kill()
            codes = [process.returncode for process in two]
            require(codes == [0, 0], f"ended with {codes}: {said}")
            in_child(require_whole, place / "runs", data, 2)
    return trials.row(
        what="two commands `imgclass train` at once",
        promise="each ends with 0 and in a whole run of its own whose model predicts",
        note="with everything that a training does",
    )


@contextmanager
def _collected(children: Sequence[Child]) -> Iterator[None]:
    """Leave no process behind where something was not as promised."""
    try:
        yield
    except BaseException:
        for child in children:
            child.stop()
        raise


def _watch(folder: Path, children: Sequence[Child]) -> None:
    """List the runs again and again as long as they are being made."""
    while not all(child.is_done for child in children):
        if folder.exists():
            wrong = [run for run in runs(folder) if run.status not in {"running", "finished"}]
            require(not wrong, f"meanwhile listed as {wrong}")
        time.sleep(0.02)
