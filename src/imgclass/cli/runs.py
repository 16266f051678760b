"""The verb `runs`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgclass.cli.options import Json
from imgclass.cli.output import emit, table, visible_lines
from imgclass.formatting import cut, duration, percent, percent_range, visible

if TYPE_CHECKING:
    from imgclass.run import RunSummary

REASON, NAME = 100, 60  # characters
COLUMNS = (
    "run",
    "status",
    "architecture",
    "epochs",
    "val",
    "95 % interval",
    "time",
    "started",
    "follows",
)


def runs(
    directory: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="The folder of the runs.")
    ] = Path("runs"),
    *,
    json: Json = False,
) -> None:
    """List the runs in a directory: how far each one came, and its val accuracy."""
    from imgclass.run import runs as list_runs

    found = list_runs(directory)
    rows = [COLUMNS, *map(_row, found)]
    reasons = [_reason(run) for run in found if run.reason]
    text = "\n\n".join(
        (table(rows) if found else f"There is no run in {directory}.", "\n".join(reasons))
    )
    emit({"runs": [_payload(run) for run in found]}, visible_lines(text.strip()), as_json=json)


def _reason(run: "RunSummary") -> str:
    """Return why a run is not finished, and how to continue it."""
    reason = f"{cut(run.name, NAME)}: {cut(run.reason, REASON)}"
    return f"{reason} Go on: imgclass train --resume {run.path}" if run.is_resumable else reason


def _row(run: "RunSummary") -> tuple[str, ...]:
    of = f"/{run.planned}" if run.planned else ""
    scored = run.val_interval is not None
    return (
        cut(run.name, NAME),
        run.status,
        cut(run.architecture, NAME) or "-",
        f"{run.epochs}{of}",
        percent(run.val_accuracy) if scored else "-",
        percent_range(run.val_interval) if run.val_interval else "-",
        duration(run.seconds) if run.seconds else "-",
        visible(run.started[:16]).replace("T", " ") or "-",
        cut(run.parent, NAME) or "-",
    )


def _payload(run: "RunSummary") -> dict[str, Any]:
    return {
        "name": run.name,
        "path": str(run.path),
        "id": run.id,
        "status": run.status,
        "architecture": run.architecture,
        "epochs": run.epochs,
        "planned": run.planned,
        "val_accuracy": run.val_accuracy,
        "val_interval": run.val_interval and list(run.val_interval),
        "seconds": run.seconds,
        "started": run.started,
        "parent": run.parent,
        "reason": run.reason,
        "is_resumable": run.is_resumable,
    }
