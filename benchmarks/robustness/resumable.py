"""A training of seconds that can be disturbed and gone on with, and what it came to in the end."""

import itertools
import json
import os
import random
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.robustness.tiny_training import no_other_process, quiet
from benchmarks.robustness.trials import require
from imgclass import DatasetOrganizer, Diagnosis, Experiment, Run, TrainingConfig, resume_run
from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.errors import CheckpointError, RunError, UsageError
from imgclass.execution import experiments
from imgclass.experiment import Pipeline
from imgclass.flows import PRESETS
from imgclass.io.fs import Call, FileSystem, direct
from imgclass.models.spec import ModelSpec
from imgclass.report import html
from imgclass.run import directory
from imgclass.run.directory import CHECKPOINTS, SCORES
from imgclass.serialization import dump_json
from imgclass.training.checkpoints.folder import CheckpointFolder

IMAGES, HELD_OUT = 32, 6
SIZE = (8, 8)
RUN, DATA = "run", "data"
# Pipeline, and the recipe: the first two stop early, the others come to their end.
SETUPS: Mapping[str, tuple[Pipeline, Mapping[str, int]]] = {
    "cached, one phase": ("cached", {"epochs": 5, "seed": 2, "patience": 1}),
    "cached, two phases": (
        "cached",
        {"epochs": 5, "seed": 1, "patience": 1, "head_epochs": 2},
    ),
    "generator, one phase": ("generator", {"epochs": 4, "patience": 2}),
    "generator, two phases": ("generator", {"epochs": 4, "patience": 2, "head_epochs": 2}),
}
SETTING = (
    "images of 8 x 8 pixels, convolutions, batch normalisation, dropout, augmentation, Muon, "
    "patience"
)


def write_images(home: Path, classes: Sequence[str] = ("ant", "bee")) -> None:
    """Write images of noise, those of one class brighter, and their labels."""
    chance = random.Random(0)  # noqa: S311  # for noise
    (home / "images").mkdir(parents=True)
    rows = ["id,label"]
    for i in range(IMAGES):
        brightest = 256 - 40 * (i % 2)
        pixels = bytes(chance.randrange(brightest) for _ in range(3 * SIZE[0] * SIZE[1]))
        (home / "images" / f"{i}.ppm").write_bytes(b"P6 8 8 255 " + pixels)
        rows.append(f"{i}.ppm,{classes[i % 2]}")
    (home / "labels.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def write_data(home: Path, *, seed: int = 0, classes: Sequence[str] = ("ant", "bee")) -> Path:
    """Write images, organize them, and return the data set's folder."""
    write_images(home, classes)
    organizer = DatasetOrganizer(val=HELD_OUT, test=HELD_OUT, seed=seed)
    return organizer.organize(home / "labels.csv", home / "images", home / DATA).root


def experiment_of(setup: str) -> Experiment:
    """Return the experiment of one of `SETUPS`; each epoch of it has four batches."""
    pipeline, recipe = SETUPS[setup]
    values: dict[str, Any] = dict(recipe)
    return Experiment(
        spec=ModelSpec(image_size=SIZE, depth=1, width=4, dropout=0.3),
        training=TrainingConfig(batch_size=6, learning_rate=0.05, precision="float32", **values),
        augmentation=PRESETS["light"],
        pipeline=pipeline,
    )


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What happens to a training.

    Attributes:
        call: Makes each system call that writes.
        tick: Is called before and after each training step, and after each step of validation.
        every: Seconds between checkpoints within an epoch; None is the usual time.
    """

    call: Call = direct
    tick: Callable[[], Any] = lambda: None
    every: float | None = None


CALM = Disturbance()


@contextmanager
def disturbed(disturbance: Disturbance) -> Iterator[None]:
    """Let all of that happen to the trainings inside, which leave out the check of the model."""
    from imgclass.training.interrupts import AnswerInterrupts

    def ticking(name: str) -> Callable[..., None]:
        own = getattr(AnswerInterrupts, name)

        def tick(self: Any, batch: int, logs: Any = None) -> None:
            disturbance.tick()
            own(self, batch, logs)

        return tick

    # The last callback of all, so that a tick after a step comes after its checkpoint.
    names = ("on_train_batch_begin", "on_train_batch_end", "on_test_batch_end")
    ticks: dict[str, Any] = {name: ticking(name) for name in names}
    folder: Any = CheckpointFolder
    if disturbance.every is not None:
        folder = partial(CheckpointFolder, every=disturbance.every)
    with (
        quiet(),
        patch.object(experiments, "reload_check", no_other_process),
        patch.object(directory, "FILES", FileSystem(call=disturbance.call)),
        patch.object(directory, "CheckpointFolder", folder),
        patch.multiple(AnswerInterrupts, **ticks),
    ):
        yield


def at_tick(number: int, happens: Callable[[], None]) -> Callable[[], None]:
    """Return what is called at every tick, and lets something happen at one of them."""
    ticks = itertools.count()

    def tick() -> None:
        if next(ticks) == number:
            happens()

    return tick


def kill() -> None:
    """End this process at once."""
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def own_place(scratch: Path) -> Iterator[Path]:
    """Yield an empty folder of this process's own, which is gone afterwards."""
    place = scratch / f"place-{os.getpid()}"
    place.mkdir()
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def train(
    experiment: Experiment,
    data: Path,
    place: Path,
    disturbance: Disturbance = CALM,
    *,
    callbacks: Callable[[], Any] = tuple,
) -> dict[str, str]:
    """Train in the folder `place`, and return what it came to; for a process of its own."""
    os.chdir(place)
    with disturbed(disturbance):
        run = experiments.run_experiment(
            ImageFolder.open(data),
            experiment,
            run_dir=place / RUN,
            callbacks=callbacks(),
            progress=False,
        )
        return outcome(run.path)


def go_on(
    path: Path,
    disturbance: Disturbance = CALM,
    *,
    work_in: Path | None = None,
    **options: Any,
) -> dict[str, str]:
    """Go on with a run, and return what it came to; for a process of its own."""
    os.chdir(work_in or path.parent)
    with disturbed(disturbance):
        return outcome(resume_run(path, progress=False, **options).path)


def go_on_or_say(path: Path) -> tuple[str, dict[str, str], int]:
    """Go on with a run where that is possible; return how it was, what it came to, and its ticks.

    A run without a checkpoint must say that it is to be trained anew, and one that is finished
    that it is.
    """
    ticks = itertools.count()
    try:
        return "gone on with", go_on(path, Disturbance(tick=partial(next, ticks))), next(ticks)
    except (CheckpointError, RunError) as error:
        checkpoints = CheckpointFolder(path / CHECKPOINTS)
        require(not checkpoints.has_any, f"there is a checkpoint, but: {error}")
        remedies = ("rain again", "new training", "imgclass train")
        require(any(words in str(error) for words in remedies), f"says only: {error}")
        return "train anew", {}, 0
    except UsageError as error:
        with quiet():
            run = Run.load(path)
            require(run.status == "finished", f"{run.standing} {error}")
            return "finished already", outcome(path), 0


def outcome(path: Path) -> dict[str, str]:
    """Return a digest of everything that a run came to, by name; times and dates are left out."""
    run = Run.load(path)
    newest = CheckpointFolder(path / CHECKPOINTS).newest()
    state = replace(
        newest.state,
        seconds=0.0,
        epoch_seconds=0.0,
        epochs=tuple(replace(epoch, seconds=0.0) for epoch in newest.state.epochs),
    )
    history = replace(
        run.history,
        epochs=tuple(replace(epoch, seconds=0.0) for epoch in run.history.epochs),
        seconds=0.0,
    )
    record = replace(
        run.record,
        id="",
        data="/data",
        started="",
        ended="",
        command=(),
        seconds=0.0,
        stage_seconds={},
    )
    diagnosis = _without_seconds(run.diagnosis)
    shown = replace(
        run,
        path=Path("/run"),
        record=replace(record, data=str(run.data)),
        history=history,
        kept_diagnosis=diagnosis,
    )
    # The report says what the data set's folder is called, which may be renamed in between.
    named, as_before = (f"imgclass train {name}<" for name in (run.data.name, DATA))
    page = html.render_html(shown).replace(named, as_before)
    return (
        {f"checkpoint: {name}": _digest(array) for name, array in newest.arrays.items()}
        | {"model": _digest(*run.model.get_weights())}
        | {name: _digest((path / name).read_bytes()) for name in SCORES}
        | {
            "state of the checkpoint": dump_json(state),
            "history": dump_json(history),
            "record": dump_json(record),
            "diagnosis": dump_json(diagnosis),
            "report": _digest(page.encode()),
        }
    )


def _without_seconds(diagnosis: Diagnosis) -> Diagnosis:
    """Return a diagnosis without the times that it predicts from those of this run."""
    findings = tuple(
        replace(
            finding,
            recommendations=tuple(replace(r, seconds=None) for r in finding.recommendations),
        )
        for finding in diagnosis.findings
    )
    return replace(diagnosis, findings=findings)


def require_same(found: Mapping[str, str], expected: Mapping[str, str]) -> None:
    """Require that a training came to the same as another, to the last bit."""
    names = sorted(found.keys() | expected.keys())
    others = [name for name in names if found.get(name) != expected.get(name)]
    texts = [f"{found.get(n, '')[:200]} for {expected.get(n, '')[:200]}" for n in others[:1]]
    require(not others, f"other than undisturbed: {others[:8]} ({len(others)}) {texts}")


def _digest(*parts: Any) -> str:
    digest = sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else part.tobytes())
    return digest.hexdigest()[:16]


def summary_of(found: Mapping[str, str]) -> str:
    """Return how a training ended, in words.

    Example:
        >>> summary_of({"record": '{"stopped_early": true, "best_epoch": 1}'})
        'stopped early, best epoch 2'
    """
    record = json.loads(found["record"])
    how = "stopped early" if record["stopped_early"] else "not stopped early"
    return f"{how}, best epoch {record['best_epoch'] + 1}"
