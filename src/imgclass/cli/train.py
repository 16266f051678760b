"""The verb `train`."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgclass.cli.opened_data import open_data
from imgclass.cli.options import (
    Json,
    MaxPixels,
    TargetAccuracy,
    settings_asked_for,
    target_accuracy_of,
)
from imgclass.cli.output import emit, note
from imgclass.cli.plugins import NoPlugins
from imgclass.cli.reported_run import resume_and_report, run_and_report
from imgclass.cli.summary import run_payload, run_text
from imgclass.errors import UsageError

if TYPE_CHECKING:
    from imgclass.execution.budget import Budget
    from imgclass.experiment import Experiment
    from imgclass.run import Run


def train(  # noqa: PLR0913 - typer makes an option of each parameter
    data: Annotated[
        Path | None,
        typer.Argument(
            help="A folder of class folders, with or without splits; with --resume its new place."
        ),
    ] = None,
    *,
    run_dir: Annotated[
        Path | None, typer.Option(help="A new directory; runs/<architecture>-<number> by default.")
    ] = None,
    target_accuracy: TargetAccuracy = None,
    budget: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Make the best of this time for the whole command: 90s, 10m or 1.5h.",
        ),
    ] = None,
    follow: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="Start from the experiment that this run recommends."),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN", help="Continue this run; with more --epochs if it is finished."
        ),
    ] = None,
    other_versions: Annotated[
        bool, typer.Option("--other-versions", help="Resume with packages of other versions.")
    ] = False,
    max_pixels: MaxPixels = None,
    no_plugins: NoPlugins = None,
    json: Json = False,
    **settings: Any,
) -> None:
    """Train, score and diagnose, and keep everything in a run directory."""
    from imgclass.cli.data_text import data_payload
    from imgclass.diagnosis.evidence import TARGET_ACCURACY
    from imgclass.settings import changed

    del max_pixels, no_plugins  # their callbacks have done the work
    target = target_accuracy_of(target_accuracy) or TARGET_ACCURACY
    given = _budget(budget, resume)
    base, parent = _resumed(resume, run_dir, follow) if resume else _recommended(follow)
    if given is not None:  # it takes the place of the epochs that the followed run recommends
        base = changed(base, {"training.epochs": None})
    experiment = changed(base, settings_asked_for(settings))
    folder = None
    if resume is not None:
        assert parent is not None
        run = resume_and_report(
            parent,
            experiment,
            data=data,
            target_accuracy=target,
            other_versions=other_versions,
        )
    elif data is None:
        raise UsageError(
            "Expected a data set to train on, or a run to continue; received neither. "
            "imgclass train DATA, or imgclass train --resume RUN."
        )
    else:
        folder = open_data(data)
        run = run_and_report(
            folder,
            experiment,
            run_dir=run_dir,
            target_accuracy=target,
            parent=parent,
            budget=given,
        )
    payload = run_payload(run) | {"data": None if folder is None else data_payload(folder)}
    emit(payload, run_text(run), as_json=json)


def _budget(text: str | None, resume: Path | None) -> "Budget | None":
    """Return the budget that a text says, counted from the beginning of the process."""
    if text is None:
        return None
    from imgclass.cli.process_start import seconds_since_start
    from imgclass.execution.budget import Budget, read_seconds

    if resume is not None:
        raise UsageError(
            "Expected --resume without --budget, since a run continues with the epochs that were "
            "chosen; received both. Leave one out."
        )
    return Budget(read_seconds(text), began=time.monotonic() - seconds_since_start())


def _recommended(follow: Path | None) -> "tuple[Experiment, Run | None]":
    """Return the experiment to start from, and the run that recommends it."""
    from imgclass.experiment import Experiment

    if follow is None:
        return Experiment(), None
    from imgclass.run import Run

    parent = Run.load(follow)
    recommendation = parent.diagnosis.recommendation
    if recommendation is None:
        raise UsageError(f"Expected a run that recommends an experiment; {follow} recommends none.")
    note(f"following {follow}: {', '.join(recommendation.changes)}")
    return recommendation.experiment, parent


def _resumed(run: Path, run_dir: Path | None, follow: Path | None) -> "tuple[Experiment, Run]":
    from imgclass.run import Run

    for option, value in (("--run-dir", run_dir), ("--follow", follow)):
        if value is not None:
            raise UsageError(
                f"Expected --resume without {option}, since a run continues in its own directory; "
                f"received both. Leave one out."
            )
    loaded = Run.load(run)
    return loaded.experiment, loaded
