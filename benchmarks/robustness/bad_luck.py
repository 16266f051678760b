"""Trainings that end by bad luck and are gone on with, as before or as their failure advised."""

import math
import os
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.robustness.children import in_child, start
from benchmarks.robustness.disturbances import full_from, killing_at
from benchmarks.robustness.resumable import (
    CALM,
    DATA,
    RUN,
    SETUPS,
    Disturbance,
    at_tick,
    experiment_of,
    go_on,
    kill,
    own_place,
    require_same,
    train,
)
from benchmarks.robustness.side_by_side import Case, try_each
from benchmarks.robustness.trials import BrokenPromiseError, Row, Trials, require
from imgclass import Experiment, Run, TrainingConfig

TICK = 14  # in the second epoch, or in the validation after the first
CALLS = (150, 260)  # in the training
BEGINNING = range(0, 60, 4)  # calls with which a run is gone on with
RATE = 1e9
TIMES = 3  # that the training with that rate is gone on with
SHORT_SETUPS = ("cached, one phase",)
Outcomes = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a training can end early, though nothing of it is wrong.

    Attributes:
        what: In words.
        error: What it ends in.
        disturb: Gives what happens to a training on the data set given.
        repair: Puts the data set in order again.
    """

    what: str
    error: str
    disturb: Callable[[Path], Disturbance]
    repair: Callable[[Path], None] = lambda _data: None


def prove(data: Path, scratch: Path, outcomes: Outcomes, *, short: bool) -> list[Row]:
    """Try every ending, every move, and what failures advise.

    Args:
        data: The data set.
        scratch: Where there is room.
        outcomes: What the training of each setup comes to where nothing disturbs it.
        short: Whether to try fewer.
    """
    return [
        _try_endings(data, scratch, outcomes, short=short),
        _try_moves(data, scratch, outcomes, short=short),
        _try_advice(data, scratch, short=short),
    ]


def _try_endings(data: Path, scratch: Path, outcomes: Outcomes, *, short: bool) -> Row:
    trials = Trials()
    cases: list[Case] = []
    for setup in SHORT_SETUPS if short else SETUPS:
        for ending in [*_endings(SETUPS[setup][0])][:: 3 if short else 1]:
            work = partial(_end_and_go_on, setup, ending, data, scratch, outcomes[setup])
            cases.append((f"{setup}: {ending.what}", work))
    list(try_each(trials, cases, title="bad luck"))
    return trials.row(
        what="a full disk, Ctrl-C, SIGTERM, a damaged image, then `--resume` once that is over",
        promise="the error says what it was; in the end everything is, to the last bit, as if "
        "nothing had been",
    )


def _endings(pipeline: str) -> Iterator[Ending]:
    for call in CALLS:
        full = Disturbance(call=full_from(call))
        yield Ending(f"a full disk from call {call} on", "MachineError", partial(_always, full))
    for number, error in (
        (signal.SIGINT, "InterruptedRunError"),
        (signal.SIGTERM, "TerminatedError"),
    ):
        for tick in (TICK, TICK + 1, TICK + 5):
            happens = Disturbance(tick=at_tick(tick, partial(_send, number)))
            yield Ending(f"{number.name} at tick {tick}", error, partial(_always, happens))
    if pipeline == "generator":  # the other one has read them all
        yield Ending("an image damaged in the midst", "DatasetError", _damaging, _mend)


def _always(disturbance: Disturbance, _data: Path) -> Disturbance:
    return disturbance


def _send(number: int) -> None:
    os.kill(os.getpid(), number)


def _damaging(data: Path) -> Disturbance:
    return Disturbance(tick=at_tick(TICK, partial(_damage, data)))


def _damage(data: Path) -> None:
    for image in (data / "train").rglob("*.ppm"):
        image.rename(image.with_suffix(".kept"))
        image.write_bytes(b"no image")


def _mend(data: Path) -> None:
    for kept in (data / "train").rglob("*.kept"):
        kept.rename(kept.with_suffix(".ppm"))


def _end_and_go_on(
    setup: str, ending: Ending, data: Path, scratch: Path, expected: Mapping[str, str]
) -> None:
    """Let a training end, put right what ended it, go on; for a process of its own."""
    with own_place(scratch) as place:
        copy = shutil.copytree(data, place / DATA)
        said = _said_by(train, experiment_of(setup), copy, place, ending.disturb(copy))
        require(said.startswith(f"{ending.error}: "), f"ended in: {said}")
        ending.repair(copy)
        require_same(in_child(go_on, place / RUN), expected)


def _said_by(function: Callable[..., Any], *arguments: Any, **options: Any) -> str:
    """Return the error that something ends in, in a process of its own; nothing where in none."""
    try:
        in_child(_interruptible, function, *arguments, **options)
    except BrokenPromiseError as error:
        return str(error)
    return ""


def _interruptible(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Hear Ctrl-C also where this runs in the background, which ignores it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return function(*arguments, **options)


def _try_moves(data: Path, scratch: Path, outcomes: Outcomes, *, short: bool) -> Row:
    trials = Trials()
    cases: list[Case] = []
    for setup in SHORT_SETUPS if short else SETUPS:
        for move in (_rename_data, _move_all, _work_elsewhere, _move_run)[: 2 if short else 4]:
            words = (move.__doc__ or "").rstrip(".").lower()
            work = partial(_kill_and_move, setup, move, data, scratch, outcomes[setup])
            cases.append((f"{setup}: {words}", work))
    list(try_each(trials, cases, title="moved"))
    return trials.row(
        what="kill -9, then `--resume` from another folder, of a run that was moved, with a data "
        "set that was renamed",
        promise="everything is to the last bit as undisturbed",
    )


def _kill_and_move(
    setup: str,
    move: Callable[[Path], dict[str, str]],
    data: Path,
    scratch: Path,
    expected: Mapping[str, str],
) -> None:
    with own_place(scratch) as place:
        copy = shutil.copytree(data, place / DATA)
        killed = Disturbance(tick=at_tick(TICK, kill), every=0.0)
        require(start(train, experiment_of(setup), copy, place, killed).was_killed(), "not killed")
        found = move(place)
    require_same(found, expected)


def _work_elsewhere(place: Path) -> dict[str, str]:
    """Work in another folder."""
    elsewhere = place / "elsewhere"
    elsewhere.mkdir()
    found: dict[str, str] = in_child(go_on, Path("..") / RUN, work_in=elsewhere)
    return found


def _move_run(place: Path) -> dict[str, str]:
    """Move the run."""
    moved = place / "other" / "name"
    moved.parent.mkdir()
    (place / RUN).rename(moved)
    found: dict[str, str] = in_child(go_on, moved)
    return found


def _rename_data(place: Path) -> dict[str, str]:
    """Rename the data set."""
    renamed = (place / DATA).rename(place / "renamed")
    said = _said_by(go_on, place / RUN)
    require("--data" in said and str(place / DATA) in said, f"without it: {said}")
    found: dict[str, str] = in_child(go_on, place / RUN, data=renamed)
    return found


def _move_all(place: Path) -> dict[str, str]:
    """Move both and work elsewhere."""
    moved = place / "other"
    moved.mkdir()
    (place / RUN).rename(moved / "name")
    renamed = (place / DATA).rename(moved / "renamed")
    found: dict[str, str] = in_child(go_on, moved / "name", work_in=place, data=renamed)
    return found


def _try_advice(data: Path, scratch: Path, *, short: bool) -> Row:
    trials = Trials()
    cases: list[Case] = []
    for setup in SHORT_SETUPS if short else SETUPS:
        lack = partial(_fail_and_go_on, setup, _lacking_memory, data, scratch)
        cases.append((f"{setup}: a lack of memory", lack))
        nan = partial(_fail_and_go_on, setup, _not_finite, data, scratch)
        cases.append((f"{setup}: a batch that is not finite", nan))
    [setup] = SHORT_SETUPS
    for call in () if short else BEGINNING:
        killed = partial(_fail_and_go_on, setup, _not_finite, data, scratch, killed_at=call)
        cases.append((f"the same, killed at call {call} of going on", killed))
    if not short:
        cases.append((f"a learning rate of {RATE:g}", partial(_too_fast, data, scratch)))
    list(try_each(trials, cases, title="advice"))
    return trials.row(
        what="a loss that is not finite, or too little memory, then `--resume`",
        promise="goes on at a tenth of the learning rate, or with half the batch, ends whole, and "
        "the run says so",
    )


def _lacking_memory(_batch: Any) -> Any:
    raise MemoryError


def _not_finite(batch: Any) -> Any:
    # Not the images: of what is not a number, TensorFlow's ReLU makes 0.
    images, labels = batch
    return images, np.full_like(labels, np.nan)


def _fail_and_go_on(
    setup: str,
    fault: Callable[[Any], Any],
    data: Path,
    scratch: Path,
    *,
    killed_at: int | None = None,
) -> None:
    """Let a batch of the second epoch fail, go on, and require that the run says how."""
    experiment = experiment_of(setup)
    before = experiment.training
    with own_place(scratch) as place:
        said = _said_by(_train_with_fault, experiment, data, place, fault)
        kind = "MachineError" if fault is _lacking_memory else "DivergedError"
        require(said.startswith(kind), f"ended in: {said}")
        if killed_at is not None:
            start(go_on, place / RUN, Disturbance(call=killing_at(killed_at))).was_killed()
        in_child(go_on, place / RUN)
        run = Run.load(place / RUN)
        require(run.status == "finished", run.standing)
        _require_noted(run, before, fault)


def _require_noted(run: Run, before: TrainingConfig, fault: Callable[[Any], Any]) -> None:
    """Require that a run went on as was advised, and says so."""
    assert before.batch_size is not None
    assert before.learning_rate is not None
    now, is_memory = run.experiment.training, fault is _lacking_memory
    name, value = (
        ("batch_size", before.batch_size // 2)
        if is_memory
        else ("learning_rate", before.learning_rate / 10)
    )
    given = {name: getattr(now, name) for name in ("batch_size", "learning_rate", "epochs")}
    expected = {name: getattr(before, name) for name in given} | {name: value}
    require(given == expected, f"went on with {given} for {expected}")
    require(run.record.resumptions, "the run does not say that it was gone on with otherwise")
    [resumption] = run.record.resumptions
    require(set(resumption.changes) == {f"training.{name}"}, f"it says {resumption}")
    require(resumption.reason, "it does not say why")


def _train_with_fault(
    experiment: Experiment, data: Path, place: Path, fault: Callable[[Any], Any]
) -> None:
    """Train, and let the second batch of the second epoch fail once."""
    from imgclass.flows.epoch_dataset import EpochDataset

    own = EpochDataset.__getitem__
    is_over: list[bool] = []

    def faulty(self: Any, index: int) -> Any:
        batch = own(self, index)
        if self.epoch == 1 and index == 1 and not is_over:
            is_over.append(True)
            return fault(batch)
        return batch

    with patch.object(EpochDataset, "__getitem__", faulty):
        train(experiment, data, place, CALM)


def _too_fast(data: Path, scratch: Path) -> None:
    """Train at a rate that cannot do, and go on: each time at a tenth of the rate before."""
    experiment = experiment_of("cached, one phase")
    experiment = replace(experiment, training=replace(experiment.training, learning_rate=RATE))
    with own_place(scratch) as place:
        said = _said_by(train, experiment, data, place)
        for times in range(1, TIMES + 1):
            require(said.startswith("DivergedError"), f"ended in: {said or 'a whole training'}")
            said = _said_by(go_on, place / RUN)
            run = Run.load(place / RUN)
            rate = run.experiment.training.learning_rate or 0.0
            expected = RATE / 10**times
            require(math.isclose(rate, expected), f"went on at {rate:g}, not {expected:g}")
            require(len(run.record.resumptions) == times, f"it says {run.record.resumptions}")
