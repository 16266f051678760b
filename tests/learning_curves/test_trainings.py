"""A curve's trainings are ordinary runs, which the same call finds again or goes on with."""

import json
import os
import shutil
import signal
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest

from imgclass import (
    DatasetOrganizer,
    Experiment,
    LearningCurve,
    ModelSpec,
    Run,
    TrainingConfig,
    learning_curve,
    runs,
)
from imgclass.data.digits import write_digits
from imgclass.errors import RunError, TrainingError, UnsafeError, UsageError
from imgclass.execution import once
from imgclass.io.lock import held_lock
from imgclass.learning_curves.folder import DRAWING, PICTURE, RECORD
from imgclass.run.directory import FILES, LOCK

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("quick_module")]

PARTS = (0.125, 0.5)
NAMES = ("157-images", "628-images", "1257-images")
# Learns digits in seconds: one layer, at a given rate.
QUICK = Experiment(
    "cnn",
    spec=ModelSpec(depth=1, width=8),
    training=TrainingConfig(epochs=1, batch_size=32, optimizer="sgd", learning_rate=0.2),
    augmentation="none",
)


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """The embedded digits as a data set: 1,257 train, 270 val and 270 test images."""
    root = tmp_path_factory.mktemp("digits")
    labels, images = write_digits(root / "source")
    return DatasetOrganizer(val=0.15, test=0.15).organize(labels, images, root / "data")


@pytest.fixture(scope="module")
def curve_of(digits):
    def make(out, data=None, experiment=QUICK, parts=PARTS, **options):
        options = {"parts": parts, "out": out, "progress": False} | options
        return learning_curve(data or digits, experiment, **options)

    return make


@pytest.fixture(scope="module")
def made(curve_of, tmp_path_factory) -> LearningCurve:
    """A curve of digits, made once."""
    return curve_of(tmp_path_factory.mktemp("curves") / "digits")


@pytest.fixture
def copied(made, tmp_path):
    """A copy of the folder of `made`."""
    return shutil.copytree(made.path, tmp_path / "digits")


@pytest.fixture
def no_training(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("nothing should be trained")

    monkeypatch.setattr(once, "run_experiment", refuse)
    monkeypatch.setattr(once, "finish", refuse)


def paths(run, split):
    return {sample.path for sample in run.manifest.of(split)}


def test_each_part_is_an_ordinary_run_with_the_same_steps_and_val_images(made):
    found = {run.name: Run.load(run.path) for run in runs(made.path)}
    assert set(found) == set(NAMES)
    few, half, whole = (found[name] for name in NAMES)
    assert {run.status for run in found.values()} == {"finished"}
    assert [run.experiment.training.epochs for run in (few, half, whole)] == [8, 2, 1]
    assert paths(few, "val") == paths(half, "val") == paths(whole, "val")
    assert paths(few, "train") < paths(half, "train") < paths(whole, "train")
    assert not few.evaluation.test
    assert whole.evaluation.test.n == 270


def test_the_points_are_the_val_scores_of_the_runs(made):
    assert [point.images for point in made.points] == [157, 628, 1257]
    for point in made.points:
        val = Run.load(point.run).evaluation.val
        assert (point.correct, point.n) == (val.correct, val.n)
    assert made.guess == pytest.approx(0.1, abs=0.01)
    assert made.finding == Run.load(made.points[-1].run).diagnosis.verdict.name


def test_a_small_network_learns_more_from_more_digits(made):
    assert made.points[0].accuracy + 0.05 < made.points[-1].accuracy
    assert made.predict(2514).accuracy > made.points[-1].accuracy - 0.03


def test_the_folder_has_the_pictures(made):
    assert (made.path / PICTURE).read_bytes().startswith(b"\x89PNG")
    assert (made.path / DRAWING).read_bytes().startswith(b"<?xml")


@pytest.mark.usefixtures("no_training")
def test_the_same_call_again_reads_what_is_there(made, curve_of):
    before = {path: path.read_bytes() for path in made.path.rglob("*") if path.is_file()}
    assert curve_of(made.path) == made
    assert {path: path.read_bytes() for path in before} == before


def test_further_parts_and_repeats_may_be_asked_for_later(made, copied, curve_of):
    more = curve_of(copied, parts=(0.125,), repeats=2)
    kept, repeated = more.points[:2]
    assert kept == made.points[0]
    assert (repeated.images, repeated.repeat, repeated.run.name) == (157, 1, "157-images-2")
    first, second = Run.load(kept.run), Run.load(repeated.run)
    assert second.experiment.changes_from(first.experiment) == {"training.seed": (0, 1)}
    assert paths(first, "train") != paths(second, "train")
    assert more.points[-1].run.name == "1257-images-2"


def test_of_a_run_the_whole_is_the_run_itself(made, curve_of, tmp_path):
    whole = Run.load(made.points[-1].run)
    curve = curve_of(tmp_path / "of-run", whole, None, (0.125,))
    assert curve.points == (made.points[0], made.points[-1])
    assert [path.name for path in curve.path.iterdir() if path.is_dir()] == [NAMES[0]]
    assert json.loads((curve.path / RECORD).read_text())["run"] == whole.record.id


class Died(BaseException):
    """The process ended here."""


@contextmanager
def dying(epoch, batch=1):
    """Let the process die after a batch of an epoch, both from 0, in the trainer's own callback."""
    from imgclass.training.interrupts import AnswerInterrupts

    ordinary = AnswerInterrupts.on_train_batch_end

    def happening(self, step, logs=None):
        if (self.epoch, step) == (epoch, batch):
            raise Died
        ordinary(self, step, logs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AnswerInterrupts, "on_train_batch_end", happening)
        yield


def as_killed(path):
    """Let a run say what one says whose process was killed: that it is running."""
    record = json.loads((path / "run.json").read_text())
    record |= {"status": "running", "stage": "training", "reason": ""}
    (path / "run.json").write_text(json.dumps(record))


def test_a_killed_part_is_gone_on_with_and_ends_as_undisturbed(made, copied, curve_of):
    identity = Run.load(copied / NAMES[0]).record.id
    shutil.rmtree(copied / NAMES[0])
    with dying(epoch=5), pytest.raises(Died) as error:
        curve_of(copied)
    assert error.value.__notes__ == [
        f"Kept in {copied}: 1 of 3 trainings. Give the same command again: it goes on from there."
    ]
    as_killed(copied / NAMES[0])
    interrupted = Run.load(copied / NAMES[0])
    assert interrupted.status == "interrupted"
    assert curve_of(copied) == made
    run = Run.load(copied / NAMES[0])
    assert run.record.id == interrupted.record.id != identity
    assert len(run.history.epochs) == 8


def test_a_part_without_a_checkpoint_is_trained_anew(made, copied, curve_of):
    shutil.rmtree(copied / NAMES[0] / "checkpoints")
    as_killed(copied / NAMES[0])
    before = Run.load(copied / NAMES[0]).record.id
    assert curve_of(copied) == made
    assert Run.load(copied / NAMES[0]).record.id != before


def test_a_directory_that_was_claimed_and_left_is_no_obstacle(made, copied, curve_of):
    shutil.rmtree(copied / NAMES[0])
    (copied / NAMES[0]).mkdir()
    (copied / NAMES[0] / "experiment.json").write_text("{}")
    assert curve_of(copied) == made


@pytest.mark.usefixtures("no_training")
def test_a_part_that_another_process_trains_is_left_alone(copied, curve_of):
    as_killed(copied / NAMES[0])
    with (
        held_lock(str(copied / NAMES[0] / LOCK), FILES),
        pytest.raises(UnsafeError, match="Wait until it has ended"),
    ):
        curve_of(copied)


@pytest.mark.usefixtures("no_training")
def test_a_part_that_needs_another_recipe_is_refused(copied, curve_of):
    file = copied / NAMES[0] / "run.json"
    record = json.loads(file.read_text()) | {
        "status": "failed",
        "stage": "training",
        "reason": "The loss was not finite.",
        "advice": {"learning_rate": 0.02},
    }
    file.write_text(json.dumps(record))
    with pytest.raises(TrainingError, match=r"not finite\. It would only fail again"):
        curve_of(copied)


@pytest.mark.usefixtures("no_training")
def test_a_run_of_other_images_in_the_place_of_a_part_is_refused(copied, curve_of):
    shutil.rmtree(copied / NAMES[0])
    shutil.copytree(copied / NAMES[1], copied / NAMES[0])
    with pytest.raises(
        RunError, match="a run of 157 train images of this data set; it is of others"
    ):
        curve_of(copied)


@pytest.mark.usefixtures("no_training")
def test_an_experiment_beside_a_run_is_refused(made, curve_of, tmp_path):
    whole = Run.load(made.points[-1].run)
    with pytest.raises(UsageError, match="no experiment beside a run"):
        curve_of(tmp_path / "new", whole, QUICK)


@pytest.mark.usefixtures("no_training")
def test_a_run_that_is_not_finished_is_refused(small_run, curve_of, tmp_path):
    ended = replace(small_run, record=replace(small_run.record, status="interrupted"))
    with pytest.raises(UsageError, match="Expected a finished run for a learning curve"):
        curve_of(tmp_path / "new", ended, None)


@pytest.mark.usefixtures("no_training")
def test_no_repeat_at_all_is_refused(curve_of, tmp_path):
    with pytest.raises(UsageError, match="Expected repeats >= 1; received 0"):
        curve_of(tmp_path / "new", repeats=0)


@pytest.mark.thorough
@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_a_killed_command_goes_on_where_it_was(start_python, run_python, digits, tmp_path):
    options = ["--depth", 1, "--width", 8, "--epochs", 2, "--optimizer", "sgd"]
    options += ["--learning-rate", 0.2, "--batch-size", 32, "--augment", "none"]
    words = ["learning-curve", digits.root, "--parts", "0.125", "--out", "curve", *options]
    command = ["-m", "imgclass", *words, "--json"]
    process = start_python(*command, cwd=tmp_path)
    deadline = time.monotonic() + 120
    part = tmp_path / "curve" / NAMES[0]
    while not any("-epoch-" in path.name for path in (part / "checkpoints").glob("0*")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    kept = Run.load(tmp_path / "curve" / NAMES[2])
    assert kept.status == "finished"

    again = run_python(*command, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    said = json.loads(again.stdout)
    assert [point["images"] for point in said["points"]] == [157, 1257]
    assert Run.load(tmp_path / "curve" / NAMES[2]).record.id == kept.record.id
    assert Run.load(part).status == "finished"
    assert "Training 2 of 2: 157 images." in again.stderr
