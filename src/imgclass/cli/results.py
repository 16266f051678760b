"""The verbs that read a run: diagnose, report, predict."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgclass.cli.options import Json, Trust
from imgclass.cli.output import emit, shown_path, visible_lines
from imgclass.cli.plugins import NoPlugins
from imgclass.errors import UsageError
from imgclass.formatting import cut, percent, shortened
from imgclass.images.folder_contents import scan_images
from imgclass.images.formats import split_extension

if TYPE_CHECKING:
    from imgclass.diagnosis import Diagnosis, Finding
    from imgclass.serving import Prediction

QUARANTINED = 4
NAME = 100  # characters of a class that a line shows

RunArgument = Annotated[Path, typer.Argument(help="A run directory, as `train` makes it.")]


def diagnose(
    run: RunArgument,
    *,
    target_accuracy: Annotated[
        float | None, typer.Option(min=0, max=1, help="What is good enough, in 0-1.")
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


def report(run: RunArgument, *, json: Json = False) -> None:
    """Write a run's report, one HTML file."""
    from imgclass.report import write_report
    from imgclass.run import Run

    page = write_report(Run.load(run))
    emit({"report": str(page)}, visible_lines(shown_path(page)), as_json=json)


def predict(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="RUN|MODEL", help="A run directory, or a model.keras that imgclass wrote."
        ),
    ],
    images: Annotated[
        list[Path], typer.Argument(metavar="IMAGE...", help="Image files, or folders of them.")
    ],
    *,
    top: Annotated[int, typer.Option(min=1, help="How many classes to name for each image.")] = 3,
    trust: Trust = False,
    isolate: Annotated[
        bool,
        typer.Option(
            "--isolate",
            help="Load the model and predict in a process of its own, with limits of memory, time "
            "and files. This limits damage; it is no security boundary.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Classify images.

    One that cannot be read is named, and spoils no other; the exit code is then 4.
    """
    from imgclass.run import Run
    from imgclass.serving import Classifier, predict_isolated
    from imgclass.training.backend import load_keras_quietly

    classifier = (
        Classifier.load(model, trust=trust)
        if model.is_file()
        else Run.load(model, trust=trust).classifier
    )
    files = list(_files(images))
    if not files:
        raise UsageError(
            f"Expected image files, or folders of them; there is none in "
            f"{', '.join(map(str, images))}."
        )
    if isolate:
        predictions = predict_isolated(classifier, files)
    else:
        classifier.check()  # what is refused need not wait for Keras
        load_keras_quietly()
        predictions = classifier.predict(files)
    rows = [_prediction_row(prediction, top) for prediction in predictions]
    payload = {"predictions": [_prediction_payload(p, top) for p in predictions]}
    emit(payload, visible_lines("\n".join(rows)), as_json=json)
    if any(prediction.error for prediction in predictions):
        raise typer.Exit(QUARANTINED)


def _files(paths: list[Path]) -> Iterator[Path]:
    """Yield the files given, and in the place of a folder those in it that are named as images."""
    for path in paths:
        if path.is_dir():
            names = (name for name in scan_images(path).files if split_extension(name)[1])
            yield from (path / name for name in names)
        else:
            yield path


def diagnosis_payload(diagnosis: "Diagnosis") -> dict[str, Any]:
    """Return a diagnosis as `diagnose --json` prints it."""
    from imgclass.serialization import to_plain

    recommendation = diagnosis.recommendation
    return {
        "findings": [finding_payload(finding) for finding in diagnosis.findings],
        "recommendation": recommendation
        and {
            "changes": list(recommendation.changes),
            "experiment": to_plain(recommendation.experiment),
        },
    }


def finding_payload(finding: "Finding") -> dict[str, Any]:
    """Return one finding as `diagnose --json` and `train --json` print it."""
    return {
        "name": finding.name,
        "gap": finding.gap and finding.gap.value,
        "interval": finding.gap and list(finding.gap.interval),
        "advice": list(finding.advice),
    }


def diagnosis_text(diagnosis: "Diagnosis") -> str:
    """Return a diagnosis as people read it."""
    paragraphs = []
    for finding in diagnosis.findings:
        advice = "".join(f"\n  - {sentence}" for sentence in finding.advice)
        paragraphs.append(f"{finding.name}: {finding.explanation}{advice}")
    if recommendation := diagnosis.recommendation:
        changes = ", ".join(recommendation.changes)
        paragraphs.append(f"Next experiment: {changes}. {recommendation.reason}")
    return "\n\n".join(map(shortened, paragraphs))


def _prediction_row(prediction: "Prediction", top: int) -> str:
    if prediction.error:
        return f"{prediction.path}: {prediction.error}"
    named = ", ".join(f"{cut(name, NAME)} {percent(p)}" for name, p in prediction.top[:top])
    return f"{prediction.path}: {named}"


def _prediction_payload(prediction: "Prediction", top: int) -> dict[str, Any]:
    if prediction.error:
        return {"path": str(prediction.path), "top": [], "error": str(prediction.error)}
    pairs = prediction.top[:top]
    return {
        "path": str(prediction.path),
        "top": [{"class": name, "probability": probability} for name, probability in pairs],
    }
