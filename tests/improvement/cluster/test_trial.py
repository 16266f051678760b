from dataclasses import replace

import pytest

from imgclass import errors
from imgclass.errors import DatasetError, DivergedError, PluginError, TrainingError
from imgclass.experiment import Experiment
from imgclass.improvement.cluster.trial import (
    failure_of,
    noted_continuation,
    outcome_of,
    plain_failure,
    wait_for_lock,
)
from imgclass.improvement.training import Training
from imgclass.io.fs import FileSystem
from imgclass.io.lock import held_lock
from imgclass.run import Run


@pytest.mark.parametrize(
    "error",
    [
        DivergedError("The loss was NaN.", advice={"learning_rate": 0.1}),
        PluginError("It is broken.", remedy="Upgrade it."),
        TrainingError("No usable model."),
    ],
)
def test_a_failure_of_a_training_comes_back_as_it_is(error, tmp_path):
    error.add_note("Kept in 01.")
    plain = {"seconds": 1.5, "failure": plain_failure(error)}
    outcome = outcome_of(Training(tmp_path, Experiment(), None, 0.0), plain)
    assert type(outcome.failure) is type(error)
    assert str(outcome.failure) == str(error)
    assert outcome.failure.__notes__ == ["Kept in 01."]
    assert (outcome.run, outcome.seconds) == (None, 1.5)


def test_an_error_of_a_class_that_only_the_node_has_is_one_of_its_kind():
    class OwnError(TrainingError):
        pass

    assert type(failure_of(plain_failure(OwnError("No.")))) is TrainingError


def test_what_is_no_failure_of_the_training_ends_the_improvement(tmp_path):
    training = Training(tmp_path, Experiment(), None, 0.0)
    for error, kind in ((DatasetError("Gone."), DatasetError), (KeyError("bug"), RuntimeError)):
        with pytest.raises(kind):
            outcome_of(training, {"seconds": 1.0, "failure": plain_failure(error)})


def test_a_bug_on_a_node_comes_back_with_its_traceback():
    try:
        {}["bug"]
    except KeyError as error:
        failure = failure_of(plain_failure(error))
    assert not isinstance(failure, errors.ImgclassError)
    assert "test_trial.py" in str(failure)


def test_a_run_that_is_gone_on_with_says_so(small_run, keep_run):
    record = replace(small_run.record, status="running", stage="training")
    keep_run(replace(small_run, record=record, kept_evaluation=None, kept_diagnosis=None))
    assert noted_continuation(small_run.path) is None  # no checkpoint: it is made anew
    (small_run.path / "checkpoints").mkdir()
    assert noted_continuation(small_run.path) == 1
    (resumption,) = Run.load(small_run.path).record.resumptions
    assert (resumption.after, resumption.changes) == (1, {})
    assert "killed" in resumption.reason


def test_a_finished_run_is_not_gone_on_with(small_run, keep_run):
    (keep_run(small_run) / "checkpoints").mkdir()
    assert noted_continuation(small_run.path) is None


def test_it_waits_for_a_process_that_still_holds_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr("imgclass.improvement.cluster.trial.PAUSE", 0.0)
    monkeypatch.setattr("imgclass.improvement.cluster.trial.LOCK_PATIENCE", 0.05)
    wait_for_lock(tmp_path)  # free: at once
    with held_lock(str(tmp_path / ".lock"), FileSystem()):
        wait_for_lock(tmp_path)  # it gives up after a while; who claims the run says why
