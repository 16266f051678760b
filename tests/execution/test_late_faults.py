"""What is kept of a run that ends early, and what its error says."""

import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from imgclass import (
    Diagnoser,
    Experiment,
    ModelSpec,
    Run,
    TrainingConfig,
    architectures,
    run_experiment,
)
from imgclass.errors import (
    DatasetError,
    DivergedError,
    InterruptedRunError,
    MachineError,
    TerminatedError,
)
from imgclass.execution import diagnose_run, evaluate_run
from imgclass.flows import PRESETS
from imgclass.io.fs import FileSystem
from imgclass.run import directory as run_directory

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("no_other_process")]

CNN = Experiment(
    spec=ModelSpec(depth=1, width=4),
    training=TrainingConfig(epochs=3, batch_size=8, precision="float32"),
    augmentation=PRESETS["none"],
)
# For the tests that do not look at what is computed. With a rate given, none is looked for.
EXPERIMENT = replace(
    CNN,
    architecture="one_layer",
    spec=ModelSpec(),
    training=replace(CNN.training, optimizer="sgd", learning_rate=0.1),
)


@pytest.fixture(scope="module", autouse=True)
def _one_layer():
    """Register a network that takes half the time of the smallest built-in."""
    import keras

    def one_layer(spec, num_classes):
        inputs = keras.layers.Input(spec.input_shape())
        features = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(inputs))
        return keras.Model(inputs, keras.layers.Dense(num_classes, activation="softmax")(features))

    architectures.register("one_layer", one_layer)


@pytest.fixture(autouse=True)
def _always_saved(monkeypatch):
    """Every better model is written, however short the epochs are."""
    from imgclass.training import save_pace

    monkeypatch.setattr(save_pace, "SHARE", 1.0)


@pytest.fixture
def path(folder):
    return folder.parent / "run"


@pytest.fixture
def fail(folder, path):
    """Run an experiment in which something happens at a batch of an epoch, both from 0."""

    def fail(expected, happens=None, *, epoch=1, batch=1, experiment=EXPERIMENT, **options):
        import keras

        class Happening(keras.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                del logs
                self.epoch = epoch

            def on_train_batch_end(self, step, logs=None):
                del logs
                if happens and (self.epoch, step) == (epoch, batch):
                    happens(self.model)

        with pytest.raises(expected) as caught:
            run_experiment(
                folder,
                experiment,
                run_dir=path,
                callbacks=Happening(),
                progress=False,
                **options,
            )
        return "\n".join((str(caught.value), *getattr(caught.value, "__notes__", ())))

    return fail


def press_ctrl_c(_):
    signal.raise_signal(signal.SIGINT)


# R8
def test_ctrl_c_ends_after_the_batch_and_what_there_is_gets_scored(fail, path, folder):
    said = fail(InterruptedRunError, press_ctrl_c, experiment=CNN)
    assert f"Kept in {path}: the model of epoch 1 (val accuracy " in said
    run = Run.load(path)
    assert (run.status, len(run.history.epochs), run.history.best_epoch) == ("interrupted", 1, 0)
    assert run.evaluation.val.n == 8
    assert run.diagnosis.findings
    assert run.evaluation.val.accuracy == run.history.best.val_accuracy
    assert len(run.predict(sorted(folder.rglob("*.png")))) == 40


def test_ctrl_c_in_the_first_epoch_keeps_the_weights_as_they_are(fail, path):
    said = fail(InterruptedRunError, press_ctrl_c, epoch=0)
    assert "the weights at the end (no epoch was completed)" in said
    run = Run.load(path)
    assert (run.history.epochs, run.history.best_epoch) == ((), None)
    assert run.evaluation.val.n == 8


def test_ctrl_c_twice_ends_at_once_and_says_what_is_kept(fail, path):
    def twice(_):
        press_ctrl_c(_)
        press_ctrl_c(_)

    said = fail(KeyboardInterrupt, twice)
    assert "the model of epoch 1 (val accuracy " in said
    assert f"imgclass evaluate {path}" in said
    run = Run.load(path)
    assert (run.status, run.kept_evaluation) == ("interrupted", None)
    (path / ".model.keras.123.part").write_bytes(b"left by a process that was killed")
    assert evaluate_run(run).evaluation.val.n == 8
    assert not list(path.glob(".*"))
    assert Run.load(path).status == "interrupted"


def test_ctrl_c_twice_in_the_first_epoch_keeps_the_start_to_go_on_from(fail, path):
    def twice(_):
        press_ctrl_c(_)
        press_ctrl_c(_)

    said = fail(KeyboardInterrupt, twice, epoch=0)
    assert "a checkpoint of the start; no epoch was completed" in said
    assert f"imgclass train --resume {path}" in said
    run = Run.load(path)
    assert (run.status, run.history.epochs) == ("interrupted", ())
    assert not (path / "model.keras").exists()


def test_a_process_that_is_told_to_end_keeps_its_model_and_does_not_score(fail, path):
    said = fail(TerminatedError, lambda _: os.kill(os.getpid(), signal.SIGTERM))
    assert "imgclass evaluate" in said
    run = Run.load(path)
    assert (run.status, run.kept_evaluation) == ("interrupted", None)
    assert run.model.count_params() > 0


# R17
def test_a_rate_that_is_far_too_high_ends_in_a_failed_run_with_a_diagnosis(fail, path):
    training = replace(CNN.training, optimizer="sgd", learning_rate=1e30, epochs=4)
    fail(DivergedError, experiment=replace(CNN, training=training))
    run = Run.load(path)
    assert run.status == "failed"
    assert len(run.history.epochs) < 4
    assert run.diagnosis.verdict.name == "optimisation_failure"
    assert all(np.isfinite(weight).all() for weight in run.model.get_weights())


def test_a_loss_that_is_no_number_keeps_the_last_good_weights_and_names_the_images(fail, path):
    def break_weights(model):
        model.set_weights([weight * np.nan for weight in model.get_weights()])

    said = fail(DivergedError, break_weights, experiment=CNN)
    assert "epoch 2, batch 3" in said
    assert ".png" in said
    run = Run.load(path)
    assert (run.status, run.history.best_epoch) == ("failed", 0)
    assert not np.isfinite(run.history.epochs[-1].loss)
    assert run.evaluation.val.accuracy == run.history.best.val_accuracy


@pytest.mark.parametrize("how", ["deleted", "damaged"])
def test_an_image_that_goes_bad_is_named_and_the_model_kept(fail, folder, path, how):
    def spoil(_):
        for image in (folder / "train").rglob("*.png"):
            image.unlink() if how == "deleted" else image.write_bytes(b"no image")

    said = fail(DatasetError, spoil, experiment=replace(EXPERIMENT, pipeline="generator"))
    assert ".png" in said
    assert f"Kept in {path}: the model of epoch" in said
    assert Run.load(path).status == "failed"
    assert Run.load(path).model.count_params() > 0


def test_a_disk_that_is_full_keeps_the_model_before(fail, path, monkeypatch):
    written = []

    def full(function, *arguments):
        if function is os.replace and "model.keras" in str(arguments[1]):
            written.append(arguments[1])
            if len(written) == 2:
                raise OSError(28, "No space left on device")
        return function(*arguments)

    monkeypatch.setattr(run_directory, "FILES", FileSystem(call=full))
    said = fail(MachineError)
    assert "No space left on device" in said
    run = Run.load(path)
    assert run.status == "failed"
    assert run.model.count_params() > 0


def fail_once(name, at):
    """Return a file system on which the writing of a file fails once, at its n-th time from 1."""
    times = []

    def call(function, *arguments):
        if function is os.replace and Path(arguments[1]).name == name:
            times.append(name)
            if len(times) == at:
                raise OSError(28, "No space left on device")
        return function(*arguments)

    return FileSystem(call=call)


@pytest.mark.parametrize("name", ["history.csv", "model.keras"])
def test_the_model_kept_is_of_the_epoch_that_is_named(fail, path, monkeypatch, name):
    with monkeypatch.context() as full:
        full.setattr(run_directory, "FILES", fail_once(name, at=2))
        said = fail(MachineError, experiment=CNN)
    assert "the model of epoch 1" in said
    run = evaluate_run(path)
    assert run.evaluation.val.loss == pytest.approx(run.history.best.val_loss, abs=1e-4)


# The record is written when the run is claimed, described, begun, after each epoch whose model is
# kept, and when its training is over; then when its diagnosis begins, and when it is finished.
@pytest.mark.parametrize(("at", "stage"), [(7, "evaluating"), (8, "diagnosing"), (9, "diagnosing")])
def test_a_record_that_cannot_be_written_after_training_is_made_up_for(
    fail, path, monkeypatch, at, stage
):
    with monkeypatch.context() as full:
        full.setattr(run_directory, "FILES", fail_once("run.json", at=at))
        assert "run.json could not be written" in fail(MachineError)
    run = Run.load(path)
    assert (run.status, run.record.stage, len(run.history.epochs)) == ("failed", stage, 3)
    assert evaluate_run(path).status == "finished"


def test_a_model_is_written_when_it_is_better_and_not_once_more_in_the_end(
    folder, path, monkeypatch
):
    written = []

    def call(function, *arguments):
        if function is os.replace and Path(arguments[1]).name == "model.keras":
            written.append(arguments[1])
        return function(*arguments)

    monkeypatch.setattr(run_directory, "FILES", FileSystem(call=call))
    one = replace(EXPERIMENT, training=replace(EXPERIMENT.training, epochs=1))
    run_experiment(folder, one, run_dir=path, progress=False)
    assert len(written) == 1


def test_a_directory_that_is_gone_is_said(fail, path):
    said = fail(MachineError, lambda _: shutil.rmtree(path))
    assert "could not be written" in said
    assert "nothing is kept" in said


def test_memory_that_is_short_is_said_with_what_helps(fail, path):
    def run_out(_):
        raise MemoryError

    said = fail(MachineError, run_out)
    assert "--batch-size 4" in said
    assert Run.load(path).history.best_epoch == 0


def test_an_error_of_a_callback_stays_what_it_is(fail, path):
    def stumble(_):
        raise ValueError("my own mistake")

    said = fail(ValueError, stumble)
    assert "my own mistake" in said
    assert "Kept in" in said
    assert Run.load(path).record.reason == "ValueError: my own mistake"


def test_scoring_that_fails_costs_the_scores_alone(fail, path, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr("imgclass.execution.stages.evaluate", lambda *_, **__: 1 / 0)
        said = fail(ZeroDivisionError)
    assert f"imgclass evaluate {path}" in said
    run = Run.load(path)
    assert (run.status, run.record.stage, run.kept_evaluation) == ("failed", "evaluating", None)
    made_up = evaluate_run(path)
    assert (made_up.status, made_up.evaluation.val.n) == ("finished", 8)
    assert made_up.diagnosis.findings


def test_a_diagnosis_that_fails_costs_the_diagnosis_alone(fail, path):
    class Broken:
        def diagnose(self, _):
            raise RuntimeError("no idea")

    fail(RuntimeError, diagnoser=Broken())
    run = Run.load(path)
    assert (run.record.stage, run.evaluation.val.n) == ("diagnosing", 8)
    assert diagnose_run(run, diagnoser=Diagnoser(target_accuracy=0.6)).status == "finished"
    assert Run.load(path).diagnosis.target_accuracy == 0.6


def test_a_machine_that_cannot_be_described_costs_a_word(folder, path, monkeypatch):
    monkeypatch.setattr(
        "imgclass.training.environment.describe_processor", lambda: 1 / 0, raising=True
    )
    run = run_experiment(folder, EXPERIMENT, run_dir=path, progress=False)
    assert (run.status, run.environment["processor"]) == ("finished", "unknown")


def test_a_data_set_that_was_moved_is_scored_where_it_is(folder, path):
    run_experiment(folder, EXPERIMENT, run_dir=path, progress=False)
    moved = folder.rename(folder.with_name("renamed"))
    with pytest.raises(DatasetError, match="data"):
        evaluate_run(path)
    assert evaluate_run(path, data=moved).data == moved
    next((moved / "train" / "dark").iterdir()).unlink()
    with pytest.raises(DatasetError, match=r"is another: 1 image gone.*dark.*name the right one"):
        evaluate_run(path)
