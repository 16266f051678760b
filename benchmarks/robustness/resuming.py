"""Trainings that are killed at any moment and gone on with: they come to what they would have."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.robustness.children import in_child, start
from benchmarks.robustness.disturbances import killing_at
from benchmarks.robustness.resumable import (
    RUN,
    SETTING,
    SETUPS,
    Disturbance,
    at_tick,
    experiment_of,
    go_on,
    go_on_or_say,
    kill,
    own_place,
    require_same,
    summary_of,
    train,
)
from benchmarks.robustness.side_by_side import Case, try_each
from benchmarks.robustness.trials import Row, Trials, require, time_limit

PATIENCE = 180.0  # seconds of one trial
NEVER = None
# Of each setup: kills at calls and at ticks, with the usual time between checkpoints and with none.
KILLS: Mapping[tuple[str, float | None], int] = {
    ("call", NEVER): 50,
    ("tick", NEVER): 18,
    ("call", 0.0): 24,
    ("tick", 0.0): 14,
}
SHORT_KILLS: Mapping[tuple[str, float | None], int] = {("call", NEVER): 2, ("tick", 0.0): 1}
EARLY, SHORT_EARLY = 4, 0  # kills before the first checkpoint, of each setup
# Before and after the step that is made again, and those of the validation that follows it.
OF_A_BATCH = 2 + 1
AGAIN = 5  # every so many trials, the training that goes on is killed as well


@dataclass(frozen=True, slots=True)
class Course:
    """What a training that nothing disturbs does.

    Attributes:
        calls: The names of its system calls.
        ticks: Before and after training steps, and after steps of validation.
        ready: Calls until the first checkpoint is there.
        outcome: What it comes to.
    """

    calls: tuple[str, ...]
    ticks: int
    ready: int
    outcome: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a training is killed.

    Attributes:
        kind: `call` or `tick`.
        number: Which of them, from 0.
        every: Seconds between checkpoints within an epoch; None is the usual time.
    """

    kind: str
    number: int
    every: float | None

    def __str__(self) -> str:
        often = "" if self.every is None else ", with a checkpoint each batch"
        return f"{self.kind} {self.number}{often}"

    @property
    def kill(self) -> Disturbance:
        """What kills then."""
        if self.kind == "call":
            return Disturbance(call=killing_at(self.number), every=self.every)
        return Disturbance(tick=at_tick(self.number, kill), every=self.every)


def prove(
    data: Path, scratch: Path, *, short: bool
) -> Iterator[tuple[str, Row, Mapping[str, str]]]:
    """Yield each setup, its row, and what a training of it comes to."""
    for setup in SETUPS:
        yield setup, *_try(setup, data, scratch, short=short)


def _try(setup: str, data: Path, scratch: Path, *, short: bool) -> tuple[Row, Mapping[str, str]]:
    trials, endings = Trials(), Counter[str]()
    kills = SHORT_KILLS if short else KILLS
    often = {NEVER, *(every for kind, every in kills if kind == "call")}
    courses = courses_of(setup, data, scratch, often)
    expected = courses[NEVER].outcome
    with trials.trial("a checkpoint each batch changes nothing"):
        for course in courses.values():
            require_same(course.outcome, expected)
    moments = list(_moments(courses, kills, SHORT_EARLY if short else EARLY))
    cases: list[Case] = []
    for position, moment in enumerate(moments):
        again = 40 + 67 * position % 250 if position % AGAIN == AGAIN - 1 else None
        name = f"kill at {moment}" + ("" if again is None else f", and at call {again} after that")
        work = partial(_kill_and_go_on, setup, moment, data, scratch, courses[NEVER], again=again)
        cases.append((name, work))
    for ending in try_each(trials, cases, title=setup):
        endings[ending] += 1
    said = ", ".join(f"{number} {ending}" for ending, number in endings.most_common())
    row = trials.row(
        what=f"kill -9 at any moment of a training, then `--resume`: {setup}",
        promise="weights, optimizer, history, best epoch, early stopping, every probability, "
        "diagnosis and report are to the last bit those of a training that nothing disturbed",
        note=f"{said}; undisturbed: {summary_of(expected)}; {SETTING}",
    )
    return row, expected


def courses_of(
    setup: str, data: Path, scratch: Path, often: Iterable[float | None]
) -> dict[float | None, Course]:
    """Train undisturbed in processes of their own, and count.

    Args:
        setup: One of `SETUPS`.
        data: The data set.
        scratch: Where there is room.
        often: Seconds between checkpoints within an epoch, of each; None is the usual time.
    """
    children = {every: start(_counted, setup, data, scratch, every) for every in often}
    return {every: child.result() for every, child in children.items()}


def _counted(setup: str, data: Path, scratch: Path, every: float | None) -> Course:
    calls: list[str] = []
    ticks = [0]

    def call(function: Callable[..., Any], *arguments: Any) -> Any:
        calls.append(function.__name__)
        return function(*arguments)

    def tick() -> None:
        ticks[0] += 1

    with own_place(scratch) as place:
        found = train(experiment_of(setup), data, place, Disturbance(call, tick, every))
    # The only directory that is renamed is a checkpoint.
    return Course(tuple(calls), ticks[0], calls.index("rename") + 1, found)


def _moments(
    courses: Mapping[float | None, Course],
    kills: Mapping[tuple[str, float | None], int],
    early: int,
) -> Iterator[Moment]:
    for number in _spread(0, courses[NEVER].ready, early):
        yield Moment("call", number, NEVER)
    for (kind, every), number in kills.items():
        course = courses.get(every, courses[NEVER])  # the ticks of all are the same
        first, end = (course.ready, len(course.calls)) if kind == "call" else (0, course.ticks)
        for place in _spread(first, end, number):
            yield Moment(kind, place, every)


def _spread(first: int, end: int, number: int) -> Sequence[int]:
    """Return so many whole numbers from first to end, evenly spread; all where there are fewer."""
    count = min(number, end - first)
    return [first + i * (end - first) // count for i in range(count)]


def _kill_and_go_on(
    setup: str,
    moment: Moment,
    data: Path,
    scratch: Path,
    course: Course,
    *,
    again: int | None,
) -> str:
    """Kill a training, go on with it, and return how that was; for a process of its own."""
    with own_place(scratch) as place, time_limit(PATIENCE):
        child = start(train, experiment_of(setup), data, place, moment.kill)
        require(child.was_killed(), "the training ended before it was killed")
        is_killed_again = False
        if again is not None:
            kill = Disturbance(call=killing_at(again), every=moment.every)
            is_killed_again = start(go_on, place / RUN, kill).was_killed()
        how, found, ticks = in_child(go_on_or_say, place / RUN)
        if how != "train anew":
            require_same(found, course.outcome)
        if how == "gone on with" and moment.kind == "tick" and moment.every == 0:
            most = course.ticks - moment.number + OF_A_BATCH
            require(ticks <= most, f"more than a batch was learned twice: {ticks} ticks of {most}")
        return f"{how}, killed twice" if is_killed_again else how
