"""A training of two epochs whose system calls fail one by one, or that is killed at one."""

import errno
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.robustness.children import in_child, start
from benchmarks.robustness.disturbances import (
    MODEL_STEPS,
    NEED_ROOM,
    failing_at,
    full_from,
    killing_at,
)
from benchmarks.robustness.kept_runs import RECORD, require_kept, require_tidy
from benchmarks.robustness.tiny_training import fresh_place, train
from benchmarks.robustness.trials import BrokenPromiseError, Row, Trials, require
from imgclass import Run
from imgclass.errors import MachineError
from imgclass.io.fs import Call

EPOCHS = 2
ERRNOS = ("ENOSPC", "EIO", "EACCES", "EROFS", "EDQUOT", "EMFILE")
ENVIRONMENT = 7  # the exit code of a machine that refuses
# Phases in order, each with the epochs that were finished before it.
PHASES = {
    "preparing": 0,
    "first epoch": 0,
    "second epoch": 1,
    "evaluating": EPOCHS,
    "diagnosing": EPOCHS,
}
OVER = ("evaluating", "diagnosing")
CALLS, SHORT_CALLS = 12, 3  # of each phase that fail
FULL, SHORT_FULL = 4, 1  # of each phase at which the disk becomes full
STRIDE, SHORT_STRIDE = 10, 50  # between the calls of kills
PATIENCE = 90.0


@dataclass(frozen=True, slots=True)
class Step:
    """One system call of a training that nothing disturbs.

    Attributes:
        number: Its position among all, from 0.
        name: Of the function.
        phase: What the run was doing, one of `PHASES`.
    """

    number: int
    name: str
    phase: str

    def __str__(self) -> str:
        return f"call {self.number} ({self.name}, {self.phase})"


def prove(data: Path, scratch: Path, *, short: bool) -> list[Row]:
    """Try calls that fail, a disk that becomes full, and kills."""
    with fresh_place(scratch) as place:
        steps = in_child(_steps, data, place)
    return [
        _tryfailing_at(steps, data, scratch, short=short),
        _try_full(steps, data, scratch, SHORT_FULL if short else FULL),
        _try_killing(steps, data, scratch, SHORT_STRIDE if short else STRIDE),
    ]


def _steps(data: Path, place: Path) -> list[Step]:
    """Train undisturbed, and return every call."""
    found: list[Step] = []

    def noting(function: Callable[..., Any], *arguments: Any) -> Any:
        found.append(Step(len(found), function.__name__, _phase(place / "runs" / "cnn-1")))
        return function(*arguments)

    train(data, place, epochs=EPOCHS, call=noting)
    return found


def _phase(path: Path) -> str:
    """Return what a run is doing, by its record."""
    try:
        record = json.loads((path / RECORD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return "preparing"
    if record["stage"] == "training":
        return "first epoch" if record["best_epoch"] is None else "second epoch"
    return "diagnosing" if record["stage"] == "done" else str(record["stage"])


def _tryfailing_at(steps: Sequence[Step], data: Path, scratch: Path, *, short: bool) -> Row:
    trials, endings = Trials(), Counter[bool]()
    for position, (step, half) in enumerate(_to_fail(steps, short=short)):
        name = ERRNOS[position % len(ERRNOS)]
        how = f"{name} half-way" if half else name
        with (
            trials.trial(f"{step}: {how}", limit=PATIENCE),
            fresh_place(scratch) as place,
        ):
            code = getattr(errno, name)
            in_child(_fail, data, place, failing_at(step.number, code, half=half), code)
            endings[_kept(step, data, place, {"failed"}, is_tidy=True)] += 1
    return trials.row(
        what="a system call of a training fails",
        promise="`MachineError` with the path and the reason; the epochs that were finished, a "
        "model that predicts, no half-written file; scoring makes up for the rest",
        note=f"{', '.join(ERRNOS)} in turn, in every phase; {_said(endings)}",
    )


def _try_full(steps: Sequence[Step], data: Path, scratch: Path, calls: int) -> Row:
    trials, endings = Trials(), Counter[bool]()
    needing = [step for step in steps if step.name in NEED_ROOM]
    for step in _spread(needing, calls):
        with trials.trial(f"full at {step}", limit=PATIENCE), fresh_place(scratch) as place:
            in_child(_fail, data, place, full_from(step.number), errno.ENOSPC)
            statuses = {"failed", "interrupted"}
            endings[_kept(step, data, place, statuses, is_tidy=True)] += 1
    return trials.row(
        what="a disk that becomes full in the midst of a training, and stays so",
        promise="the same, once there is room again",
        note=_said(endings),
    )


def _try_killing(steps: Sequence[Step], data: Path, scratch: Path, stride: int) -> Row:
    trials, endings = Trials(), Counter[bool]()
    for step in steps[::stride]:
        with trials.trial(f"kill at {step}", limit=PATIENCE), fresh_place(scratch) as place:
            child = start(train, data, place, epochs=EPOCHS, call=killing_at(step.number))
            require(child.was_killed(), "the training ended before it was killed")
            # In the last calls of all, the record says already that it is finished.
            may_be = {"interrupted", "finished"} if step.phase in OVER else {"interrupted"}
            endings[_kept(step, data, place, may_be, is_tidy=False)] += 1
            path = in_child(train, data, place, epochs=1)
            again = in_child(_status, path)
            require(again == "finished", f"the next training in the same folder: {again}")
    return trials.row(
        what=f"kill -9 at every {stride}th system call of a training",
        promise="the run is listed as interrupted, with the epochs that were finished and a model "
        "that predicts; the next training in the same folder works",
        note=_said(endings),
    )


def _to_fail(steps: Sequence[Step], *, short: bool) -> Iterator[tuple[Step, bool]]:
    """Yield the calls that are to fail, and whether half of what they write gets written."""
    for step in _spread(steps, SHORT_CALLS if short else CALLS):
        yield step, step.name == "write"
    for step in steps:
        if step.name in MODEL_STEPS and not short:
            yield step, False
            yield step, True
        elif step.name == "save":
            yield step, True


def _spread(steps: Sequence[Step], number: int) -> Iterator[Step]:
    """Yield so many steps of each phase, evenly spread; all where there are fewer."""
    for phase in PHASES:
        those = [step for step in steps if step.phase == phase]
        count = min(number, len(those))
        yield from (those[i * len(those) // count] for i in range(count))


def _fail(data: Path, place: Path, call: Call, code: int) -> None:
    """Train, and require that it ends in the right error."""
    try:
        train(data, place, epochs=EPOCHS, call=call)
    except MachineError as error:
        said = str(error)
        require(os.strerror(code) in said, f"without the reason: {said}")
        require(str(place) in said, f"without the path: {said}")
        require(error.exit_code == ENVIRONMENT, f"exit code {error.exit_code}")
    except Exception as error:
        raise BrokenPromiseError(f"ended in {type(error).__name__}: {error}") from error
    else:
        raise BrokenPromiseError("the training went on as if nothing had been")


def _kept(step: Step, data: Path, place: Path, statuses: set[str], *, is_tidy: bool) -> bool:
    """Require in a process of its own that a run has what it must have after a fault at a step."""
    path = place / "runs" / "cnn-1"
    if is_tidy and path.exists():
        require_tidy(path)
    is_kept: bool = in_child(
        require_kept,
        path,
        data,
        epochs=PHASES[step.phase],
        statuses=statuses,
        is_over=step.phase in OVER,
    )
    return is_kept


def _status(path: Path) -> str:
    return Run.load(path).status


def _said(endings: Counter[bool]) -> str:
    return f"a model was kept in {endings[True]}, nothing was trained yet in {endings[False]}"
