"""resume_run: go on with a run that ended before its time, or give a finished one more epochs."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from imgclass.data.organize.verify import require_unchanged
from imgclass.diagnosis import Diagnoser
from imgclass.errors import CheckpointError, UsageError
from imgclass.execution.completion import open_data, open_run
from imgclass.execution.experiments import closed_by_errors, finish
from imgclass.execution.preparation import prepare_again
from imgclass.experiment import Experiment
from imgclass.run.claim import reopened
from imgclass.run.record import Resumption
from imgclass.run.run import Run
from imgclass.training.backend import require_backend
from imgclass.training.checkpoints.compatibility import CHANGEABLE

EPOCHS = "training.epochs"


@dataclass(frozen=True, slots=True)
class ResumptionPlan:
    """How a run goes on.

    Attributes:
        experiment: What it goes on with.
        changes: What of it is another than before: its value before, and now.
        reason: Why it is; empty where nothing is.
    """

    experiment: Experiment
    changes: Mapping[str, tuple[Any, Any]]
    reason: str = ""


def plan_resumption(run: Run, experiment: Experiment | None = None) -> ResumptionPlan:
    """Return how a run goes on: as before, with more epochs, or with what its failure advised.

    Args:
        run: The run.
        experiment: What is asked for; None is what it was made with.

    Raises:
        UsageError: It is finished, and no more epochs are asked for.
        CheckpointError: Something else is asked for than what it was made with, or it would only
            fail again.
    """
    record, before = run.record, run.experiment
    advice = {name: value for name, value in record.advice.items() if name in CHANGEABLE}
    asked = experiment or before
    free = {f"training.{name}" for name in advice} | {EPOCHS}
    changes = asked.changes_from(before)
    if other := {name: pair for name, pair in changes.items() if name not in free}:
        name, (old, new) = next(iter(other.items()))
        raise CheckpointError(
            f"Expected {name}={old!r}, with which {run.path} was made; received {name}={new!r}. "
            f"Go on with the same, or train anew."
        )
    epochs = before.training.epochs
    if record.stage == "done" and EPOCHS not in changes:
        raise UsageError(
            f"Expected a run that is not finished; {run.path} is, after {len(run.history.epochs)} "
            f"epochs. Give it more: --epochs {2 * (epochs or 1)}"
        )
    if advice and not any(f"training.{name}" in changes for name in advice):
        advised = {name: value for name, value in advice.items() if value is not None}
        if not advised:
            raise CheckpointError(
                f"{run.standing} {record.reason} To go on alike would end alike: give another "
                f"{' or '.join(advice)}."
            )
        asked = replace(asked, training=replace(asked.training, **advised))
    return ResumptionPlan(asked, asked.changes_from(before), record.reason if advice else "")


def resume_run(
    run: Run | str | os.PathLike[str],
    experiment: Experiment | None = None,
    *,
    data: str | os.PathLike[str] | None = None,
    diagnoser: Diagnoser | None = None,
    callbacks: Any = (),
    other_versions: bool = False,
    progress: bool = True,
) -> Run:
    """Go on with a run from its newest whole checkpoint, as if it had never ended.

    After Ctrl-C, a kill, a full disk or an image that was gone, it goes on as before: on the same
    machine with the same packages, everything is in the end what it would have been, bit for bit.
    After a loss that was not finite it goes on at the lower learning rate that was advised, and
    where memory was too little with half the batch. A finished run goes on where it is given more
    epochs.

    Args:
        run: The run, or its directory.
        experiment: What to go on with; None is what it was made with. Other epochs may stand in
            it for a finished run, and after a failure other values of what was advised.
        data: Where its data set lies now, if it was moved or renamed.
        diagnoser: Holds the target; the default one when not given.
        callbacks: What `run_experiment` was given.
        other_versions: Whether to go on with packages of other versions.
        progress: Whether to show progress on standard error.

    Raises:
        CheckpointError: There is no whole checkpoint, or something is another than before; the
            message names it.
        DatasetError: The data set is not the one that the run was made with.
        RunError: There is no such run.
        UnsafeError: The run is still being made.
        UsageError: The run is finished, and no more epochs are asked for.
        ImgclassError: As for `run_experiment`.

    Example:
        >>> resume_run("runs/none")
        Traceback (most recent call last):
        imgclass.errors.RunError: Expected a run directory, as `imgclass train` makes it; ...
    """
    run = open_run(run)
    plan = plan_resumption(run, experiment)
    folder = open_data(run, data)
    require_unchanged(folder)
    require_backend()
    with (
        reopened(run.path, run.record, run.history.epochs) as directory,
        closed_by_errors(directory),
    ):
        directory.checkpoints.newest()  # said before Keras is imported
        job, model = prepare_again(directory, folder, plan.experiment, resumption=_noted(run, plan))
        finish(
            job,
            model,
            diagnoser or Diagnoser(),
            callbacks=callbacks,
            progress=progress,
            is_resumed=True,
            other_versions=other_versions,
        )
    return Run.load(run.path, trust=run.trust)


def _noted(run: Run, plan: ResumptionPlan) -> Resumption | None:
    if not plan.changes:
        return None
    changes = {name: (str(old), str(new)) for name, (old, new) in plan.changes.items()}
    return Resumption(len(run.history.epochs), plan.reason, changes)
