"""The verb `evaluate`."""

from pathlib import Path
from typing import Annotated

import typer

from imgclass.cli.options import Json, RunArgument, Trust
from imgclass.cli.output import emit
from imgclass.cli.plugins import NoPlugins
from imgclass.cli.summary import run_payload, run_text


def evaluate(
    run: RunArgument,
    *,
    data: Annotated[
        Path | None, typer.Option(help="The new place of its data set, if it was moved.")
    ] = None,
    trust: Trust = False,
    no_plugins: NoPlugins = None,
    json: Json = False,
) -> None:
    """Score a run's model on its data set, diagnose the run and write its report."""
    from imgclass.execution import evaluate_run
    from imgclass.report import write_report
    from imgclass.run import Run
    from imgclass.training.backend import load_keras_quietly

    del no_plugins  # its callback has done the work
    loaded = Run.load(run, trust=trust)
    loaded.classifier.check()  # refuse it before Keras is loaded
    load_keras_quietly()
    scored = evaluate_run(loaded, data=data)
    write_report(scored)
    emit(run_payload(scored), run_text(scored), as_json=json)
