"""The verb `improve`."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgclass.cli.options import Json, MaxPixels, TargetAccuracy, target_accuracy_of
from imgclass.cli.output import emit, note, shown_path, table, visible_lines
from imgclass.cli.plugins import NoPlugins
from imgclass.formatting import duration, percent, percent_range

if TYPE_CHECKING:
    from imgclass.improvement import Improvement
    from imgclass.improvement.lineage import Step


def improve(
    source: Annotated[
        Path,
        typer.Argument(
            help="A data set, a run to start from, or an improvement's folder to go on with."
        ),
    ],
    *,
    budget: Annotated[
        str,
        typer.Option(metavar="TIME", help="Time for all steps together: 90s, 30m or 1.5h."),
    ] = "30m",
    rounds: Annotated[
        int | None, typer.Option(min=1, help="The most changes to try; as many as fit by default.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="A new folder; improvements/<name>-<number> by default."),
    ] = None,
    target_accuracy: TargetAccuracy = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Train on a Ray cluster: auto, HOST:PORT, ray://HOST:PORT, or local to start one.",
        ),
    ] = None,
    max_pixels: MaxPixels = None,
    no_plugins: NoPlugins = None,
    json: Json = False,
) -> None:
    """Diagnose, try the best advice, keep it only if val surely rises, and so on."""
    from imgclass.cli.process_start import seconds_since_start
    from imgclass.execution.budget import Budget, read_seconds
    from imgclass.improvement import improve as improve_in_steps

    del max_pixels, no_plugins  # their callbacks have done the work
    made = improve_in_steps(
        source,
        out=out,
        budget=Budget(read_seconds(budget), began=time.monotonic() - seconds_since_start()),
        rounds=rounds,
        target_accuracy=target_accuracy_of(target_accuracy),
        cluster=cluster,
        tell=note,
    )
    emit(_payload(made), _text(made), as_json=json)


def _payload(made: "Improvement") -> dict[str, Any]:
    best = made.lineage.best
    return {
        "path": str(made.path),
        "page": str(made.path / "improvement.html"),
        "ended": made.lineage.ended,
        "seconds": made.lineage.seconds,
        "best": str(made.best.path),
        "val_accuracy": best.val_accuracy if best else None,
        "steps": [_step_payload(step) for step in made.steps],
    }


def _step_payload(step: "Step") -> dict[str, Any]:
    from imgclass.serialization import to_plain

    observed = step.observed
    plain = {
        "run": step.run,
        "parent": step.parent,
        "finding": step.idea.finding if step.idea else "",
        "changes": list(step.changes),
        "expected": to_plain(step.idea.recommendation.expected) if step.idea else None,
        "verdict": step.verdict,
        "val_accuracy": step.val_accuracy,
        "val_interval": to_plain(step.val_interval),
        "seconds": step.seconds,
        "note": step.note,
    }
    if observed is not None:
        plain["observed"] = {
            "better": observed.better,
            "worse": observed.worse,
            "difference": observed.difference,
            "interval": list(observed.interval),
            "p_value": observed.p_value,
        }
    return plain


def _text(made: "Improvement") -> str:
    rows: list[tuple[str, ...]] = [
        ("step", "change", "val accuracy", "95 % interval", "points", "p", "verdict", "time")
    ]
    for number, step in enumerate(made.steps):
        seen = step.observed
        rows.append(
            (
                str(number) if number else "start",
                ", ".join(step.changes) or "-",
                percent(step.val_accuracy),
                percent_range(step.val_interval) if step.val_interval else "-",
                f"{100 * seen.difference:+.1f}" if seen else "-",
                f"{seen.p_value:.3f}" if seen else "-",
                step.verdict,
                duration(step.seconds),
            )
        )
    best = made.best
    lines = (
        f"Ended: {made.lineage.ended}",
        f"best run: {shown_path(best.path)}",
        f"page: {shown_path(made.path / 'improvement.html')}",
        f"more time: imgclass improve {shown_path(made.path)} --budget TIME",
    )
    return "\n\n".join((table(rows), visible_lines("\n".join(lines))))
