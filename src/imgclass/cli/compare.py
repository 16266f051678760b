"""The verb `compare`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgclass.cli.options import Json
from imgclass.cli.output import emit, table, visible_lines
from imgclass.formatting import percent, percent_range

if TYPE_CHECKING:
    from imgclass.evaluation import Comparison
    from imgclass.run import Run


def compare(
    first: Annotated[Path, typer.Argument(help="A run directory, such as the parent's.")],
    second: Annotated[Path, typer.Argument(help="The run that may be better.")],
    *,
    json: Json = False,
) -> None:
    """Say whether the second run is better than the first on the same val images."""
    from imgclass.diagnosis.changes import describe_changes
    from imgclass.run import Run
    from imgclass.run import compare as compare_runs

    runs = Run.load(first), Run.load(second)
    comparison = compare_runs(*runs)
    changes = describe_changes(runs[0].experiment, runs[1].experiment)
    payload = comparison_payload(comparison) | {"changes": list(changes)}
    emit(payload, _text(runs, changes, comparison), as_json=json)


def comparison_payload(comparison: "Comparison") -> dict[str, Any]:
    """Return a comparison as `compare --json` prints it."""
    return {
        "split": comparison.split,
        "n": comparison.n,
        "better": comparison.better,
        "worse": comparison.worse,
        "difference": comparison.difference,
        "interval": list(comparison.interval),
        "p_value": comparison.p_value,
        "is_significant": comparison.is_significant,
        "left_out": comparison.left_out,
    }


def _text(runs: "tuple[Run, Run]", changes: tuple[str, ...], comparison: "Comparison") -> str:
    rows: list[tuple[str, ...]] = [("run", "val accuracy", "95 % interval")]
    for run in runs:
        val = run.evaluation.val
        rows.append((run.path.name, percent(val.accuracy), percent_range(val.interval)))
    changed = ", ".join(changes) or "nothing"
    left_out = comparison.left_out
    missing = f"\n{left_out:,} images are in only one of the two and were left out." * bool(
        left_out
    )
    return "\n\n".join(
        (table(rows), visible_lines(f"changed: {changed}"), f"{comparison}.{missing}")
    )
