"""What makes up for a stage that a run lacks: score it, diagnose it."""

import os
from pathlib import Path

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.faults import listing
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
    """Score the model of a run on its data set, for the first time or anew, and diagnose it.

    Args:
        run: The run, or its directory.
        data: Where its data set lies now, if it was moved.
        diagnoser: Holds the target; the default one when not given.

    Raises:
        RunError: There is no such run, or no model in it.
        DatasetError: The data set is not the one that the run was trained on.
        UnsafeError: The run is still being made.

    Example:
        >>> evaluate_run("runs/none")
        Traceback (most recent call last):
        imgclass.errors.RunError: Expected a run directory, as `imgclass train` makes it; ...
    """
    run = open_run(run)
    classifier = run.classifier
    folder = open_data(run, data)
    require_backend()
    model = classifier.model  # what is refused leaves the run as it is
    with reopened(run.path, run.record, run.history.epochs) as directory:
        directory.update(data=str(folder.root.absolute()))
        flows = open_experiment_flows(folder, run.experiment)
        job = Job(directory, run.experiment, flows, model)
        diagnose(job, score(job), diagnoser or Diagnoser())
        _finish(directory)
    return Run.load(run.path, trust=run.trust)


def diagnose_run(run: Run | str | os.PathLike[str], *, diagnoser: Diagnoser | None = None) -> Run:
    """Say what the scores of a run mean, and keep it in the run.

    Args:
        run: The run, or its directory.
        diagnoser: Holds the target; the default one when not given.

    Raises:
        RunError: There is no such run, or it was not scored.
        UnsafeError: The run is still being made.

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
    """Open the data set of a run, where it lies now.

    Raises:
        DatasetError: There is none, or another one.
    """
    root = Path(data if data is not None else run.data)
    if not root.is_dir():
        raise DatasetError(
            f"Expected the data set of {run.path} in {root}; there is no such folder. Name the one "
            f"where it lies now: imgclass evaluate RUN --data DATA, or imgclass train DATA "
            f"--resume RUN."
        )
    folder = ImageFolder.open(root)
    if fingerprint(folder.manifest) != run.record.fingerprint:
        before, now = (
            {s.path: (s.label, s.split, s.sha256) for s in manifest.samples}
            for manifest in (run.manifest, folder.manifest)
        )
        others = sorted(p for p in before.keys() | now.keys() if before.get(p) != now.get(p))
        raise DatasetError(
            f"Expected the data set that {run.path} was trained on; {folder.root} has other "
            f"images, classes or splits: {listing(others)}. Name the right one."
        )
    return folder


def open_run(run: Run | str | os.PathLike[str]) -> Run:
    """Return a run that can be changed.

    Raises:
        RunError: There is none, or it is of 0.1.0.
    """
    run = run if isinstance(run, Run) else Run.load(run)
    if run.record.format == 1:
        raise RunError(
            f"Expected a run that this version made; {run.path} is of imgclass 0.1.0. It has its "
            f"scores and its diagnosis, and is left as it is."
        )
    return run


def _finish(directory: RunDirectory) -> None:
    """Close a run whose training was whole; one that ended in the midst of it stays what it is."""
    if directory.record.stage in ("evaluating", "diagnosing"):
        directory.end("finished")
