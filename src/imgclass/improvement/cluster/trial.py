"""A training on a node of the cluster: runs there, and says in plain words what came of it."""

import os
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imgclass import errors
from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.diagnosis import Diagnoser
from imgclass.errors import InterruptedRunError
from imgclass.improvement.training import FAILURES, Outcome, Training, trained
from imgclass.io.lock import is_held
from imgclass.io.untrusted_files import exists
from imgclass.run import Run
from imgclass.run.claim import reopened
from imgclass.run.directory import CHECKPOINTS, LOCK
from imgclass.run.record import FILE, Resumption

PLACE = "place"  # of a training in its batch
# Seconds that a lost node may still hold its lock: NFS gives up a dead client after 90.
LOCK_PATIENCE = 150.0
PAUSE = 0.2


@dataclass(frozen=True, slots=True)
class Batch:
    """Trainings that run at the same time, with what is the same for all of them.

    Attributes:
        trainings: In order.
        folder: The data set; its root is absolute.
        diagnoser: Has the target.
        environment: Variables for the process that trains, set before Keras is imported.
    """

    trainings: tuple[Training, ...]
    folder: ImageFolder
    diagnoser: Diagnoser
    environment: Mapping[str, str]


def make_run(config: Mapping[str, Any], batch: Batch) -> dict[str, Any]:
    """Make the run of a training, or go on with it, and return what came of it in plain words.

    A failure of the training itself is returned, since it would only fail again elsewhere. What
    ends the process is not, and Ray Tune tries again.
    """
    began = time.monotonic()
    os.environ.update(batch.environment)
    training = batch.trainings[config[PLACE]]
    plain: dict[str, Any] = {}
    try:
        wait_for_lock(training.path)
        plain["continued_after"] = noted_continuation(training.path)
        trained(training, batch.folder, diagnoser=batch.diagnoser, progress=False)
    except InterruptedRunError:
        raise  # the node is being closed
    except Exception as error:  # noqa: BLE001 - whatever it is goes to who asked
        plain["failure"] = plain_failure(error)
    seconds = round(time.monotonic() - began, 3)
    return {**plain, PLACE: config[PLACE], "seconds": seconds}


def wait_for_lock(path: Path) -> None:
    """Wait until the process of a lost node has let go of a run; it may outlive the news."""
    patient_until = time.monotonic() + LOCK_PATIENCE
    while is_held(str(path / LOCK)) and time.monotonic() < patient_until:
        time.sleep(PAUSE)


def noted_continuation(path: Path) -> int | None:
    """Note in a run that it is gone on with by another process; return after how many epochs.

    None if there is nothing to go on with, or it is finished.
    """
    if not exists(path / FILE) or not (path / CHECKPOINTS).exists():
        return None
    run = Run.load(path)
    if run.status == "finished":
        return None
    after = len(run.history.epochs)
    note = Resumption(after, run.record.reason, {})
    with reopened(path, run.record, run.history.epochs) as directory:
        directory.update(resumptions=(*run.record.resumptions, note))
    return after


def plain_failure(error: Exception) -> dict[str, Any]:
    """Return an error as words; one that is no error of imgclass with its traceback."""
    # An error of a plugin may be of a class that the other process does not have.
    known = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == errors.__name__]
    text = str(error) if known else "".join(traceback.format_exception(error))
    notes = [str(note) for note in getattr(error, "__notes__", ())]
    return {"kind": known[0] if known else "", "text": text, "notes": notes}


def failure_of(plain: Mapping[str, Any]) -> Exception:
    """Return the error that `plain_failure` put into words.

    Example:
        >>> failure_of(plain_failure(errors.TrainingError("The loss was NaN.")))
        TrainingError('The loss was NaN.')
    """
    kind = getattr(errors, plain["kind"], RuntimeError) if plain["kind"] else RuntimeError
    error: Exception = kind(plain["text"])
    for note in plain["notes"]:
        error.add_note(note)
    return error


def outcome_of(training: Training, plain: Mapping[str, Any]) -> Outcome:
    """Return what came of a training from the words of the node.

    Raises:
        Exception: It is no failure of the training alone, but of the data or of the program.
    """
    seconds, after = float(plain["seconds"]), plain.get("continued_after")
    if "failure" not in plain:
        return Outcome(Run.load(training.path), None, seconds, after)
    failure = failure_of(plain["failure"])
    if not isinstance(failure, FAILURES):
        raise failure
    return Outcome(None, failure, seconds, after)
