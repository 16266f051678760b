"""resume_run: continue a run that ended early, or train a finished one for more epochs."""

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
    """How a run is continued.

    Attributes:
        experiment: From now on.
        changes: Changed fields, each with its value before and now.
        reason: Of the failure whose advice is followed; empty without one.
    """

    experiment: Experiment
    changes: Mapping[str, tuple[Any, Any]]
    reason: str = ""


def plan_resumption(run: Run, experiment: Experiment | None = None) -> ResumptionPlan:
    """Plan to continue as before, with more epochs, or as the run's failure advised.

    A finished run without more epochs is refused, and what would only fail again.
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
            f"Continue with the same value, or start a new run."
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
                f"{run.standing} {record.reason} It would only fail again: give another "
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
    """Continue a run from its newest undamaged checkpoint, as if it had never ended.

    After Ctrl-C, a kill, a full disk or a missing image, on the same machine with the same
    packages, the result is the same, bit for bit, as without the end. After a loss that was not
    finite it continues with the lower learning rate that was advised, and after too little memory
    with half the batch size. A finished run needs more epochs.

    Args:
        run: The run, or its directory.
        experiment: The run's if not given. A finished run may have more epochs, and a failed one
            other values of what was advised.
        data: The data set's new place, if it was moved or renamed.
        diagnoser: Has the target accuracy; the default one if not given.
        callbacks: Those that `run_experiment` was given.
        other_versions: Whether to continue with packages of other versions.
        progress: Whether to show progress on standard error.

    Raises:
        CheckpointError: No checkpoint is undamaged, or something differs; the message names it.
        DatasetError: It is not the data set that the run was trained on.
        RunError: There is no such run.
        UnsafeError: The run is still running.
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
        directory.checkpoints.newest()  # fails before Keras is imported
        job, model = prepare_again(directory, folder, plan.experiment, resumption=_noted(run, plan))
        finish(
            job,
            model,
            diagnoser or Diagnoser(),
            callbacks=_as_begun(callbacks, run),
            progress=progress,
            is_resumed=True,
            other_versions=other_versions,
        )
    return Run.load(run.path, trust=run.trust)


def _as_begun(callbacks: Any, run: Run) -> Any:
    """Return the callbacks with which a run began; one with a budget had another one, too."""
    if run.record.budget is None:
        return callbacks
    from imgclass.training.deadline import EndInTime
    from imgclass.training.user_callbacks import as_callbacks

    return (*as_callbacks(callbacks), EndInTime())


def _noted(run: Run, plan: ResumptionPlan) -> Resumption | None:
    if not plan.changes:
        return None
    changes = {name: (str(old), str(new)) for name, (old, new) in plan.changes.items()}
    return Resumption(len(run.history.epochs), plan.reason, changes)
