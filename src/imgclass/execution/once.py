"""One of several trainings in a folder: made, continued, or found finished."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.organize.verify import require_unchanged
from imgclass.diagnosis import Diagnoser
from imgclass.errors import CheckpointError, RunError, TrainingError, UnsafeError
from imgclass.execution.experiments import closed_by_errors, finish, run_experiment
from imgclass.execution.preparation import prepare_again
from imgclass.execution.resumption import plan_resumption
from imgclass.experiment import Experiment
from imgclass.io.lock import is_held
from imgclass.io.os_errors import machine_errors
from imgclass.io.untrusted_files import exists
from imgclass.run import directory
from imgclass.run.claim import reopened
from imgclass.run.directory import LOCK
from imgclass.run.fingerprint import fingerprint
from imgclass.run.record import FILE
from imgclass.run.run import Run
from imgclass.training.backend import require_backend


@contextmanager
def without_retracing_warnings() -> Iterator[None]:
    """Keep back TensorFlow's warning that a function is traced often: each training traces its own.

    Example:
        >>> with without_retracing_warnings():
        ...     logging.getLogger("tensorflow").warning("... triggered tf.function retracing.")
    """
    logger = logging.getLogger("tensorflow")
    logger.addFilter(_is_no_retracing)
    try:
        yield
    finally:
        logger.removeFilter(_is_no_retracing)


@without_retracing_warnings()
def run_once(
    path: Path,
    folder: ImageFolder,
    experiment: Experiment,
    *,
    parent: Run | None = None,
    diagnoser: Diagnoser | None = None,
    callbacks: Any = (),
    progress: bool = True,
) -> Run:
    """Return the finished run in `path`; make it, or continue it, if it is not finished yet.

    A training that ended without a usable checkpoint is removed and made anew. So a command of
    several trainings that was killed can be given again.

    Args:
        path: The run's directory.
        folder: The data set, which may be a part of what the directory's own record names.
        experiment: What to run.
        parent: As for `run_experiment`.
        diagnoser: Likewise.
        callbacks: Likewise; the same ones when it is continued.
        progress: Whether to show progress on standard error.

    Raises:
        RunError: `path` holds the run of other images.
        UnsafeError: Another process trains it.
        TrainingError: It failed before, for a reason that would make it fail again.
        ImgclassError: As for `run_experiment`.
    """
    if is_held(str(path / LOCK)):
        raise UnsafeError(
            f"Another process works on {path}. Wait until it has ended, then give the command "
            f"again."
        )
    options = {"diagnoser": diagnoser, "callbacks": callbacks, "progress": progress}
    if exists(path / FILE):
        run = Run.load(path)
        _require_usable(run, folder)
        if run.status == "finished":
            return run
        with suppress(CheckpointError):
            return _resumed(run, folder, **options)
    if path.exists():
        with machine_errors(path):
            directory.FILES.remove_tree(str(path))
    return run_experiment(folder, experiment, run_dir=path, parent=parent, **options)


def _is_no_retracing(record: logging.LogRecord) -> bool:
    return "triggered tf.function retracing" not in str(record.msg)


def _require_usable(run: Run, folder: ImageFolder) -> None:
    if run.record.fingerprint != fingerprint(folder.manifest):
        raise RunError(
            f"Expected in {run.path} a run of {len(folder.manifest.of('train')):,} train images of "
            f"this data set; it is of others. Choose another folder (--out)."
        )
    if run.record.advice:
        raise TrainingError(
            f"{run.standing} {run.record.reason} It would only fail again: begin with another "
            f"recipe, in another folder (--out)."
        )


def _resumed(run: Run, folder: ImageFolder, *, diagnoser: Diagnoser | None, **options: Any) -> Run:
    """Continue as `resume_run`, which would look for all of the data set's images."""
    plan = plan_resumption(run)
    require_unchanged(folder)
    require_backend()
    with (
        reopened(run.path, run.record, run.history.epochs) as opened,
        closed_by_errors(opened),
    ):
        opened.checkpoints.newest()  # fails before Keras is imported
        job, model = prepare_again(opened, folder, plan.experiment, resumption=None)
        finish(job, model, diagnoser or Diagnoser(), is_resumed=True, **options)
    return Run.load(run.path)
