"""The verb `diagnose`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgclass.cli.options import Json, TargetAccuracy, target_accuracy_of
from imgclass.cli.output import emit
from imgclass.cli.plugins import NoPlugins
from imgclass.cli.summary import diagnosis_payload, diagnosis_text
from imgclass.errors import UsageError

if TYPE_CHECKING:
    from imgclass.diagnosis import Diagnosis

Source = Annotated[
    Path | None,
    typer.Argument(
        help="A run directory, or a CSV file of a training's history; without it, give accuracies."
    ),
]
Train = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="Accuracy of a clean pass over the training images, in 0-1."),
]
Val = Annotated[
    float | None, typer.Option(min=0, max=1, help="Accuracy on the validation images, in 0-1.")
]
TrainDev = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=1,
        help="Accuracy on images like the training images that were not learned from, in 0-1.",
    ),
]
Test = Annotated[
    float | None, typer.Option(min=0, max=1, help="Accuracy on the test images, in 0-1.")
]
HistoryTrain = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="Train accuracy that fit printed, in 0-1."),
]
NTrain = Annotated[int | None, typer.Option(min=1, help="Number of training images.")]
NVal = Annotated[int | None, typer.Option(min=1, help="Number of validation images.")]


def diagnose(  # noqa: PLR0913 - typer makes an option of each parameter
    run: Source = None,
    *,
    train: Train = None,
    val: Val = None,
    n_train: NTrain = None,
    n_val: NVal = None,
    train_dev: TrainDev = None,
    test: Test = None,
    history_train: HistoryTrain = None,
    target_accuracy: TargetAccuracy = None,
    no_plugins: NoPlugins = None,
    json: Json = False,
) -> None:
    """Say what a run's accuracies mean, and what to run next."""
    del no_plugins  # its callback has done the work
    options = {
        "train": train,
        "val": val,
        "n_train": n_train,
        "n_val": n_val,
        "train_dev": train_dev,
        "test": test,
        "history_train": history_train,
    }
    known = {name: value for name, value in options.items() if value is not None}
    if run is None and not known.keys() - {"n_train", "n_val"}:
        raise UsageError(
            "Expected a run directory, a CSV file of a history, or accuracies such as "
            "--train 0.95 --val 0.81 --n-val 2500; received none of them."
        )
    diagnosis = _diagnosis(run, known, target_accuracy_of(target_accuracy))
    emit(diagnosis_payload(diagnosis), diagnosis_text(diagnosis), as_json=json)


def _diagnosis(
    source: Path | None, known: dict[str, Any], target_accuracy: float | None
) -> "Diagnosis":
    from imgclass.diagnosis import Diagnoser
    from imgclass.diagnosis.sources import evidence_of
    from imgclass.execution import diagnose_run
    from imgclass.run import Run
    from imgclass.run.history_file import read_logs

    diagnoser = Diagnoser() if target_accuracy is None else Diagnoser(target_accuracy)
    if source is None or source.is_file():
        logs = None if source is None else read_logs(source)
        return diagnoser.diagnose(evidence_of(logs, **known))
    run = Run.load(source)
    if run.kept_diagnosis is None:
        run = diagnose_run(run)
    if target_accuracy is None and not known:
        return run.diagnosis
    return diagnoser.diagnose(evidence_of(run, **known))
