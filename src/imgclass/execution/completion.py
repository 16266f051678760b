"""Score or diagnose a run again, or for the first time."""

import os
from pathlib import Path

from imgclass.data.dataset.differences import manifest_differences
from imgclass.data.dataset.image_folder import ImageFolder, open_again
from imgclass.diagnosis import Diagnoser
from imgclass.errors import DatasetError, RunError
from imgclass.execution.job import Job
from imgclass.execution.preparation import open_experiment_flows
from imgclass.execution.stages import diagnose, score
from imgclass.run.claim import reopened
from imgclass.run.directory import RunDirectory
from imgclass.run.fingerprint import fingerprint
from imgclass.run.run import Run
from imgclass.training.backend import require_backend


def evaluate_run(
    run: Run | str | os.PathLike[str],
    *,
    data: str | os.PathLike[str] | None = None,
    diagnoser: Diagnoser | None = None,
) -> Run:
    """Score the model of a run on its data set, and diagnose the run.

    Args:
        run: The run, or its directory.
        data: The data set's new place, if it was moved.
        diagnoser: Has the target accuracy; the default one if not given.

    Raises:
        RunError: There is no such run, or no model in it.
        DatasetError: It is not the data set that the run was trained on.
        UnsafeError: The run is still running.

    Example:
        >>> evaluate_run("runs/none")
        Traceback (most recent call last):
        imgclass.errors.RunError: Expected a run directory, as `imgclass train` makes it; ...
    """
    run = open_run(run)
    classifier = run.classifier
    folder = open_data(run, data)
    require_backend()
    model = classifier.model  # a model that is refused leaves the run unchanged
    with reopened(run.path, run.record, run.history.epochs) as directory:
        directory.update(data=str(folder.root.absolute()))
        flows = open_experiment_flows(folder, run.experiment)
        job = Job(directory, run.experiment, flows, model)
        score(job)
        diagnose(job, diagnoser or Diagnoser())
        _finish(directory)
    return Run.load(run.path, trust=run.trust)


def diagnose_run(run: Run | str | os.PathLike[str], *, diagnoser: Diagnoser | None = None) -> Run:
    """Diagnose the scores of a run, and keep the diagnosis in the run.

    Args:
        run: The run, or its directory.
        diagnoser: Has the target accuracy; the default one if not given.

    Raises:
        RunError: There is no such run, or it has no scores.
        UnsafeError: The run is still running.

    Example:
        >>> diagnose_run("runs/none")
        Traceback (most recent call last):
        imgclass.errors.RunError: Expected a run directory, as `imgclass train` makes it; ...
    """
    run = open_run(run)
    diagnosis = (diagnoser or Diagnoser()).diagnose(run.evidence)
    with reopened(run.path, run.record, run.history.epochs) as directory:
        directory.keep_diagnosis(diagnosis)
        _finish(directory)
    return Run.load(run.path, trust=run.trust)


def open_data(run: Run, data: str | os.PathLike[str] | None) -> ImageFolder:
    """Open a run's data set, split as it was; one that is gone or another is a DatasetError."""
    root = Path(data if data is not None else run.data)
    if not root.is_dir():
        raise DatasetError(
            f"Expected the data set of {run.path} in {root}; there is no such folder. Name its new "
            f"place: imgclass evaluate RUN --data DATA, or imgclass train DATA "
            f"--resume RUN."
        )
    folder = open_again(root, run.manifest)
    if fingerprint(folder.manifest) != run.record.fingerprint:
        differences = "; ".join(manifest_differences(run.manifest, folder.manifest))
        raise DatasetError(
            f"Expected the data set that {run.path} was trained on; {folder.root} is another: "
            f"{differences}. Restore it, or name the right one (--data)."
        )
    return folder


def open_run(run: Run | str | os.PathLike[str]) -> Run:
    """Return a run that can be changed; one of 0.1.0 cannot."""
    run = run if isinstance(run, Run) else Run.load(run)
    if run.record.format == 1:
        raise RunError(
            f"Expected a run that this version made; {run.path} is of imgclass 0.1.0. It has its "
            f"scores and its diagnosis, and is left as it is."
        )
    return run


def _finish(directory: RunDirectory) -> None:
    """Mark a run as finished, unless its training ended early."""
    if directory.record.stage in ("evaluating", "diagnosing"):
        directory.end("finished")
