"""A run made or continued, and its report written: what `train` and `demo` share."""

from pathlib import Path
from typing import TYPE_CHECKING

from imgclass.cli.output import note
from imgclass.errors import InterruptedRunError

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgclass.data.dataset.image_folder import ImageFolder
    from imgclass.execution.budget import Budget
    from imgclass.experiment import Experiment
    from imgclass.run import Run


def run_and_report(
    data: "ImageFolder | Path",
    experiment: "Experiment",
    *,
    run_dir: Path | None,
    target_accuracy: float = 0.95,
    parent: "Run | None" = None,
    budget: "Budget | None" = None,
) -> "Run":
    """Run an experiment and write its report into the run."""
    from imgclass.diagnosis import Diagnoser
    from imgclass.execution import run_experiment

    return _reported(
        lambda: run_experiment(
            data,
            experiment,
            run_dir=run_dir,
            diagnoser=Diagnoser(target_accuracy=target_accuracy),
            parent=parent,
            budget=budget,
        ),
        parent=parent,
    )


def resume_and_report(
    run: "Run",
    experiment: "Experiment",
    *,
    data: Path | None,
    target_accuracy: float = 0.95,
    other_versions: bool = False,
) -> "Run":
    """Continue a run and write its report into it."""
    from imgclass.diagnosis import Diagnoser
    from imgclass.execution import resume_run
    from imgclass.execution.resumption import plan_resumption

    for name, (before, now) in plan_resumption(run, experiment).changes.items():
        note(f"continuing with {name} {now!r}, which was {before!r}")
    return _reported(
        lambda: resume_run(
            run,
            experiment,
            data=data,
            diagnoser=Diagnoser(target_accuracy=target_accuracy),
            other_versions=other_versions,
        )
    )


def _reported(make: "Callable[[], Run]", *, parent: "Run | None" = None) -> "Run":
    from imgclass.cli.known_beside import known_beside
    from imgclass.report import write_report

    try:
        run = make()
    except KeyboardInterrupt as error:  # a second Ctrl-C; notes say what is kept
        raise InterruptedRunError(
            "\n".join(("Stopped at once.", *getattr(error, "__notes__", ())))
        ) from error
    write_report(run, parent=parent, beside=known_beside(run))
    return run
