"""A run that ended is gone on with, or refused by name; nothing of it is lost meanwhile."""

import json
import shutil
import signal
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from imgclass import DatasetOrganizer, Experiment, ModelSpec, Run, TrainingConfig, run_experiment
from imgclass.errors import (
    CheckpointError,
    CheckpointWarning,
    DatasetError,
    DivergedError,
    InterruptedRunError,
    MachineError,
    RunError,
    UnsafeError,
    UsageError,
)
from imgclass.execution import resume_run
from imgclass.execution.resumption import plan_resumption
from imgclass.io.fs import FileSystem
from imgclass.io.lock import held_lock
from imgclass.run.directory import DIAGNOSIS, SCORES

EXPERIMENT = Experiment(
    spec=ModelSpec(depth=1, width=4, dropout=0.5),
    training=TrainingConfig(epochs=3, batch_size=8, optimizer="adam", precision="float32"),
)


def with_training(experiment, **changes):
    return replace(experiment, training=replace(experiment.training, **changes))


# How a run goes on: pure


def ended(run, status="failed", stage="training", **changes):
    return replace(run, record=replace(run.record, status=status, stage=stage, **changes))


def test_an_interrupted_run_goes_on_as_it_was(small_run):
    run = ended(small_run, "interrupted", reason="Stopped by Ctrl-C.")
    plan = plan_resumption(run)
    assert (plan.experiment, plan.changes, plan.reason) == (run.experiment, {}, "")


def test_a_finished_run_is_refused_with_what_would_go_on(small_run):
    with pytest.raises(UsageError, match=r"is, after 1 epochs\. Give it more: --epochs 2"):
        plan_resumption(small_run)


def test_a_finished_run_takes_more_epochs(small_run):
    more = with_training(small_run.experiment, epochs=5)
    plan = plan_resumption(small_run, more)
    assert (plan.experiment, plan.changes) == (more, {"training.epochs": (1, 5)})


def test_what_the_failure_advised_is_taken(small_run):
    run = ended(small_run, reason="Expected a finite loss.", advice={"learning_rate": 0.01})
    plan = plan_resumption(run)
    assert plan.experiment.training.learning_rate == 0.01
    assert plan.changes == {"training.learning_rate": (0.1, 0.01)}
    assert plan.reason == "Expected a finite loss."


def test_another_value_of_what_was_advised_is_taken(small_run):
    run = ended(small_run, advice={"learning_rate": 0.01})
    lower = with_training(run.experiment, learning_rate=0.001)
    assert plan_resumption(run, lower).experiment == lower


def test_an_advice_without_a_value_asks_for_one(small_run):
    run = ended(small_run, reason="It diverged.", advice={"optimizer": None})
    with pytest.raises(CheckpointError, match=r"It diverged.*give another optimizer"):
        plan_resumption(run)
    other = with_training(run.experiment, optimizer="adam")
    assert plan_resumption(run, other).experiment == other


@pytest.mark.parametrize("changes", [{"learning_rate": 0.5}, {"seed": 3}, {"batch_size": 4}])
def test_what_was_not_advised_cannot_be_another(small_run, changes):
    ((name, value),) = changes.items()
    before = getattr(small_run.experiment.training, name)
    says = rf"Expected training\.{name}={before!r}.*received training\.{name}={value!r}"
    with pytest.raises(CheckpointError, match=says):
        plan_resumption(ended(small_run), with_training(small_run.experiment, **changes))


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(RunError, match="Expected a run directory"):
        resume_run(tmp_path)


def test_a_run_of_an_earlier_version_is_left_as_it_is():
    path = Path(__file__).parent.parent / "run" / "run-0.1.0"
    with pytest.raises(RunError, match=r"of imgclass 0\.1\.0"):
        resume_run(path)


# Runs that were really made


class Died(BaseException):
    """The process ended here."""


@contextmanager
def failing(happens, *, epoch=1, batch=1):
    """Let something happen after a batch of an epoch, both from 0, in the trainer's own callback.

    A callback of the user's would be a part of what is gone on with.
    """
    from imgclass.training.interrupts import AnswerInterrupts

    ordinary = AnswerInterrupts.on_train_batch_end

    def happening(self, step, logs=None):
        if (self.epoch, step) == (epoch, batch):
            happens()
        ordinary(self, step, logs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AnswerInterrupts, "on_train_batch_end", happening)
        yield


def die():
    raise Died


def run_out():
    raise MemoryError


def press_ctrl_c():
    signal.raise_signal(signal.SIGINT)


@dataclass
class Place:
    """Runs of one module on one data set."""

    root: Path
    data: Path

    def make(self, name, experiment=EXPERIMENT):
        return run_experiment(self.data, experiment, run_dir=self.root / name, progress=False)

    def end(self, name, expected, happens, experiment=EXPERIMENT, **at):
        with failing(happens, **at), pytest.raises(expected):
            self.make(name, experiment)
        return self.root / name


@pytest.fixture(scope="module")
def place(tmp_path_factory, quick_module):
    from PIL import Image

    del quick_module
    root = tmp_path_factory.mktemp("runs")
    rng = np.random.default_rng(0)
    (root / "images").mkdir()
    rows = ["id,label"]
    for i in range(40):
        pixels = rng.integers(0, 90, (8, 8, 3)) + 60 * (i % 2)
        Image.fromarray(pixels.astype("uint8")).save(root / "images" / f"{i}.png")
        rows.append(f"{i},{('dark', 'light')[i % 2]}")
    (root / "labels.csv").write_text("\n".join(rows))
    organizer = DatasetOrganizer(val=8, test=8)
    organizer.organize(root / "labels.csv", root / "images", root / "data")
    return Place(root, root / "data")


def as_killed(path):
    """Let a run say what one of a process says that was killed: that it is running."""
    record = json.loads((path / "run.json").read_text())
    record |= {"status": "running", "reason": "", "ended": "", "advice": {}}
    (path / "run.json").write_text(json.dumps(record))
    return path


@pytest.fixture(scope="module")
def undisturbed(place):
    return place.make("undisturbed")


@pytest.fixture(scope="module")
def killed(place):
    return as_killed(place.end("killed", Died, die))


@pytest.fixture
def copy_of(tmp_path):
    def copy(path):
        return Path(shutil.copytree(path, tmp_path / "run"))

    return copy


def resumed(path, **options):
    return resume_run(path, progress=False, **options)


def without_time(run):
    return [repr(replace(epoch, seconds=0.0)) for epoch in run.history.epochs]


def without_seconds(diagnosis):
    """What is recommended takes as long as it takes on a machine at that time."""
    findings = tuple(
        replace(
            finding,
            recommendations=tuple(replace(r, seconds=None) for r in finding.recommendations),
        )
        for finding in diagnosis.findings
    )
    return replace(diagnosis, findings=findings)


def weights_of(run):
    return [weight.tobytes() for weight in run.model.get_weights()]


def require_same(run, other):
    assert (run.status, run.record.stage, run.record.reason) == ("finished", "done", "")
    assert without_time(run) == without_time(other)
    assert weights_of(run) == weights_of(other)
    assert run.history.best_epoch == other.history.best_epoch
    assert run.evaluation.test == other.evaluation.test
    assert run.evaluation.predictions.equals(other.evaluation.predictions)
    assert without_seconds(run.diagnosis) == without_seconds(other.diagnosis)
    assert run.experiment == other.experiment


def contents(path):
    return {p: p.read_bytes() for p in path.rglob("*") if p.is_file()}


@pytest.mark.keras
def test_a_killed_run_ends_as_one_that_nothing_disturbed(copy_of, killed, undisturbed):
    run = resumed(copy_of(killed))
    require_same(run, undisturbed)
    assert run.record.resumptions == ()
    assert run.record.id == Run.load(killed).record.id


@pytest.mark.keras
def test_so_does_one_that_was_interrupted_and_scored_meanwhile(place, undisturbed):
    path = place.end("interrupted", InterruptedRunError, press_ctrl_c, epoch=1, batch=1)
    before = Run.load(path)
    assert (before.status, before.evaluation.val.n) == ("interrupted", 8)
    (path / "report.html").write_text("of before")
    require_same(resumed(path), undisturbed)
    assert not (path / "report.html").exists()


@pytest.mark.keras
def test_so_does_one_that_died_while_it_was_scored(place, undisturbed):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("imgclass.execution.stages.evaluate", lambda *_, **__: die())
        with pytest.raises(Died):
            place.make("unscored")
    path = as_killed(place.root / "unscored")
    assert Run.load(path).record.stage == "evaluating"
    require_same(resumed(path), undisturbed)


@pytest.mark.keras
def test_a_run_and_its_data_may_have_been_moved(copy_of, killed, undisturbed, tmp_path, place):
    path = copy_of(killed)
    data = Path(shutil.copytree(place.data, tmp_path / "renamed"))
    record = json.loads((path / "run.json").read_text()) | {"data": "/gone/away"}
    (path / "run.json").write_text(json.dumps(record))
    with pytest.raises(DatasetError, match="/gone/away"):
        resumed(path)
    run = resumed(path, data=data)
    require_same(run, undisturbed)
    assert run.data == data


@pytest.mark.keras
def test_scores_of_before_are_forgotten_before_the_model_is_another(copy_of, killed, undisturbed):
    path = copy_of(killed)
    for name in (*SCORES, DIAGNOSIS):
        shutil.copy(undisturbed.path / name, path / name)
    with failing(die, epoch=1, batch=2), pytest.raises(Died):
        resumed(path)
    run = Run.load(path)
    assert (run.kept_evaluation, run.kept_diagnosis) == (None, None)
    assert len(run.history.epochs) == 1


@pytest.mark.keras
def test_a_diverged_run_goes_on_at_a_tenth_of_the_rate_and_says_so(place):
    from imgclass.training.finite import FiniteTraining
    from imgclass.training.logs import OBJECTIVE

    ordinary = FiniteTraining.on_train_batch_end

    def diverge(self, batch, logs=None):
        ordinary(self, batch, {OBJECTIVE: np.nan} if self.clock.epoch == 1 else logs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FiniteTraining, "on_train_batch_end", diverge)
        with pytest.raises(DivergedError) as raised:
            place.make("diverged", with_training(EXPERIMENT, schedule="constant"))
    path = place.root / "diverged"
    assert f"imgclass train --resume {path}" in "\n".join(raised.value.__notes__)
    before = Run.load(path)
    rate = before.experiment.training.learning_rate
    assert before.record.advice == {"learning_rate": pytest.approx(rate / 10)}
    run = resumed(path)
    assert (run.status, len(run.history.epochs), run.record.advice) == ("finished", 3, {})
    rates = [epoch.learning_rate for epoch in run.history.epochs]
    assert rates == pytest.approx([rate, rate / 10, rate / 10])
    (noted,) = run.record.resumptions
    assert "finite loss" in noted.reason
    assert list(noted.changes) == ["training.learning_rate"]
    assert run.experiment.training.learning_rate == pytest.approx(rate / 10)


@pytest.mark.keras
def test_a_run_that_lacked_memory_goes_on_with_half_the_batch_and_says_so(place):
    path = place.end("memory", MachineError, run_out)
    assert Run.load(path).record.advice == {"batch_size": 4}
    run = resumed(path)
    assert (run.status, len(run.history.epochs)) == ("finished", 3)
    assert run.experiment.training.batch_size == 4
    (noted,) = run.record.resumptions
    assert noted.changes == {"training.batch_size": ("8", "4")}
    assert "memory" in noted.reason


@pytest.mark.keras
def test_a_finished_run_is_given_more_epochs_and_says_so(copy_of, undisturbed):
    path = copy_of(undisturbed.path)
    before = contents(path)
    with pytest.raises(UsageError, match="--epochs 6"):
        resumed(path)
    assert contents(path) == before
    run = resumed(path, experiment=with_training(undisturbed.experiment, epochs=4))
    assert (run.status, len(run.history.epochs)) == ("finished", 4)
    assert without_time(run)[:3] == without_time(undisturbed)
    assert run.history.best.val_accuracy >= undisturbed.history.best.val_accuracy
    (noted,) = run.record.resumptions
    assert (noted.after, noted.changes) == (3, {"training.epochs": ("3", "4")})


@pytest.mark.keras
def test_a_damaged_newest_checkpoint_is_named_and_the_one_before_taken(
    copy_of, killed, undisturbed
):
    path = copy_of(killed)
    newest = max((path / "checkpoints").iterdir())
    tensors = newest / "state.safetensors"
    tensors.write_bytes(tensors.read_bytes()[:-1])
    with pytest.warns(CheckpointWarning, match=newest.name):
        require_same(resumed(path), undisturbed)


# Refused, and left as it is


def first_image(data):
    return min((data / "train" / "dark").iterdir())


def altered_image(path, data):
    del path
    image = first_image(data)
    pixels = bytearray(image.read_bytes())
    pixels[-1] ^= 1
    image.write_bytes(pixels)
    return DatasetError, rf"dark/{image.name}' has other bytes|dark/{image.name} has other bytes"


def missing_image(path, data):
    del path
    image = first_image(data)
    image.unlink()
    return DatasetError, f"dark/{image.name}"


def no_checkpoints(path, data):
    del data
    shutil.rmtree(path / "checkpoints")
    return CheckpointError, "there is none"


def only_damaged_ones(path, data):
    del data
    for state in (path / "checkpoints").glob("*/state.json"):
        state.write_text("")
    return CheckpointError, "none of 2 is"


@pytest.mark.keras
@pytest.mark.parametrize("spoil", [altered_image, missing_image, no_checkpoints, only_damaged_ones])
def test_what_is_not_there_any_more_is_said_and_nothing_changed(
    copy_of, killed, place, tmp_path, spoil
):
    path = copy_of(killed)
    data = Path(shutil.copytree(place.data, tmp_path / "data"))
    error, says = spoil(path, data)
    record = json.loads((path / "run.json").read_text())
    record |= {"status": "interrupted", "reason": "Stopped by Ctrl-C."}
    (path / "run.json").write_text(json.dumps(record))
    before = contents(path)
    with pytest.raises(error, match=says):
        resumed(path, data=data)
    after = contents(path)
    after.pop(path / ".lock", None)
    assert after == before


@pytest.mark.keras
def test_a_run_that_is_being_made_is_refused(copy_of, killed):
    path = copy_of(killed)
    with held_lock(str(path / ".lock"), FileSystem()), pytest.raises(UnsafeError):
        resumed(path)


@pytest.mark.keras
def test_a_run_can_be_interrupted_and_gone_on_with_again_and_again(copy_of, killed, undisturbed):
    path = copy_of(killed)
    with failing(press_ctrl_c, epoch=2), pytest.raises(InterruptedRunError):
        resumed(path)
    require_same(resumed(path), undisturbed)


@pytest.mark.keras
def test_a_finished_run_that_cannot_be_given_more_stays_finished(copy_of, undisturbed, monkeypatch):
    from imgclass.training.checkpoints import setting

    path = copy_of(undisturbed.path)
    before = Run.load(path)
    describe = setting.describe_environment
    with monkeypatch.context() as other:
        other.setattr(
            setting,
            "describe_environment",
            lambda precision: describe(precision) | {"keras": "4"},
        )
        longer = with_training(undisturbed.experiment, epochs=4)
        with pytest.raises(CheckpointError, match=r"keras was 3.* and is 4.*--other-versions"):
            resumed(path, experiment=longer)
    after = Run.load(path)
    assert (after.status, after.record.stage) == ("finished", "done")
    assert after.record.resumptions == ()
    assert after.experiment == before.experiment
    assert after.evaluation.test == before.evaluation.test
