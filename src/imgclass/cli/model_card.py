"""The verb `model-card`."""

from pathlib import Path
from typing import Annotated

import typer

from imgclass.cli.options import Json, RunArgument
from imgclass.cli.output import emit, note, shown_path, visible_lines


def model_card(
    run: RunArgument,
    *,
    licence: Annotated[
        str,
        typer.Option(
            "--license", metavar="NAME", help="Of the model, such as apache-2.0; 'unknown' if not."
        ),
    ] = "",
    dataset: Annotated[
        str,
        typer.Option(metavar="NAME", help="The data set's name on the Hugging Face Hub, if it is."),
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help="The file; MODEL_CARD.md in the run by default.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    json: Json = False,
) -> None:
    """Write a model card of a run, one Markdown file in the format of the Hugging Face Hub."""
    from imgclass.report.model_card import write_model_card
    from imgclass.run import Run

    card = write_model_card(Run.load(run), out, licence=licence, dataset=dataset, force=force)
    if not licence:
        note("The card says that the model's licence is unknown. Name it: --license apache-2.0")
    emit({"model_card": str(card)}, visible_lines(shown_path(card)), as_json=json)
