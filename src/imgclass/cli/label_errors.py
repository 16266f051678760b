"""The verb `label-errors`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgclass.cli.opened_data import open_run_or_data
from imgclass.cli.options import Json, MaxPixels, settings_asked_for
from imgclass.cli.output import emit, shown_path, table, visible_lines
from imgclass.cli.plugins import NoPlugins
from imgclass.formatting import count, percent

if TYPE_CHECKING:
    from imgclass.label_errors import LabelErrors

SHOWN = 10


def label_errors(
    data: Annotated[
        Path, typer.Argument(help="A data set, or a run: then its data and settings are taken.")
    ],
    *,
    folds: Annotated[
        int,
        typer.Option(min=2, help="Parts that are judged by what is learned of the others."),
    ] = 4,
    fold_seed: Annotated[int, typer.Option(help="Another seed makes other folds.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(help="The folder of the trainings; label-errors/<name> by default."),
    ] = None,
    max_pixels: MaxPixels = None,
    no_plugins: NoPlugins = None,
    json: Json = False,
    **settings: Any,
) -> None:
    """List images whose labels are probably wrong. Nothing in the data set is changed."""
    from imgclass.experiment import Experiment
    from imgclass.label_errors import find_label_errors
    from imgclass.run import Run
    from imgclass.settings import changed

    del max_pixels, no_plugins  # their callbacks have done the work
    opened = open_run_or_data(data)
    base = opened.experiment if isinstance(opened, Run) else Experiment()
    found = find_label_errors(
        opened,
        changed(base, settings_asked_for(settings)),
        folds=folds,
        seed=fold_seed,
        out=out,
    )
    emit(_payload(found), _text(found), as_json=json)


def _payload(found: "LabelErrors") -> dict[str, Any]:
    from imgclass.label_errors.folder import PAGE, TABLE

    return {
        "root": str(found.root),
        "images": found.score.n,
        "accuracy": found.score.accuracy,
        "errors": [asdict(error) for error in found.errors],
        "folder": str(found.path),
        "csv": str(found.path / TABLE),
        "html": str(found.path / PAGE),
    }


def _text(found: "LabelErrors") -> str:
    from imgclass.label_errors.folder import PAGE, TABLE

    n = len(found.errors)
    in_doubt = f"{count(n, 'label')} of {found.score.n:,} ({percent(found.share)}) in doubt."
    parts = [f"{in_doubt} Accuracy on images that were not learned: {found.score}."]
    if n:
        rows: list[tuple[str, ...]] = [("image", "label", "", "perhaps", "")]
        rows += [
            (
                error.path,
                error.label,
                percent(error.label_probability),
                error.suggested,
                percent(error.probability),
            )
            for error in found.errors[:SHOWN]
        ]
        parts.append(table(rows))
        if n > SHOWN:
            parts.append(f"{n - SHOWN:,} more are in the table and on the page.")
        if found.is_premature:
            parts.append(
                "The models learned too little to judge these labels: they take most of them for "
                "the second likeliest class. Search again with a run that reaches more."
            )
        parts.append("Look at each before you change anything: not all of these labels are wrong.")
    parts.append(f"table  {shown_path(found.path / TABLE)}\npage   {shown_path(found.path / PAGE)}")
    return visible_lines("\n\n".join(parts))
