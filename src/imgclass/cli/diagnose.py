"""The verb `diagnose`."""

from typing import Annotated

import typer

from imgclass.cli.options import Json, RunArgument
from imgclass.cli.output import emit
from imgclass.cli.plugins import NoPlugins
from imgclass.cli.summary import diagnosis_payload, diagnosis_text


def diagnose(
    run: RunArgument,
    *,
    target_accuracy: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="The val accuracy that is good enough, in 0-1."),
    ] = None,
    no_plugins: NoPlugins = None,
    json: Json = False,
) -> None:
    """Say what a run's accuracies mean, and what to run next."""
    from imgclass.diagnosis import Diagnoser
    from imgclass.execution import diagnose_run
    from imgclass.run import Run

    del no_plugins  # its callback has done the work
    loaded = Run.load(run)
    if loaded.kept_diagnosis is None:
        loaded = diagnose_run(loaded)
    diagnosis = loaded.diagnosis
    if target_accuracy is not None:
        diagnosis = Diagnoser(target_accuracy=target_accuracy).diagnose(loaded.evidence)
    emit(diagnosis_payload(diagnosis), diagnosis_text(diagnosis), as_json=json)
