"""The verb `export`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgclass.cli.options import Json, MaxPixels, RunArgument, Trust
from imgclass.cli.output import emit, shown_path, table, visible_lines
from imgclass.errors import UsageError
from imgclass.formatting import percent

if TYPE_CHECKING:
    from imgclass.run import Run
    from imgclass.serving.export import ExportedModel, Precision


def export(  # noqa: PLR0913 - typer makes an option of each parameter
    run: RunArgument,
    *,
    to: Annotated[
        str, typer.Option(metavar="FORMAT", help="savedmodel, onnx or litert (TensorFlow Lite).")
    ],
    int8: Annotated[
        bool,
        typer.Option(
            "--int8", help="Whole numbers of 8 bits, fitted to train images; for litert only."
        ),
    ] = False,
    float16: Annotated[
        bool, typer.Option("--float16", help="Numbers of 16 bits; for litert only.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="A new folder; export/<format> in the run by default.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="The new place of the run's data set, if it was moved.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier export.")] = False,
    trust: Trust = False,
    max_pixels: MaxPixels = None,
    json: Json = False,
) -> None:
    """Write a run's model for other programs, and check that it predicts what the run does.

    The check predicts val images of the run in another process, without imgclass and Keras.
    """
    from imgclass.execution.exporting import plan_export
    from imgclass.run import Run
    from imgclass.serving.export import export_classifier
    from imgclass.training.backend import load_keras_quietly

    del max_pixels  # its callback has done the work
    loaded = Run.load(run, trust=trust)
    classifier = loaded.classifier
    plan = plan_export(
        loaded,
        to=to,  # type: ignore[arg-type]  # an unknown one is refused there
        precision=_precision(int8=int8, float16=float16),
        out=out,
        data=data,
        force=force,
    )
    classifier.check()  # refuse it before Keras is loaded
    load_keras_quietly()
    exported = export_classifier(classifier, plan)
    emit(
        _payload(exported, loaded),
        visible_lines(_text(exported, loaded, data or loaded.data)),
        as_json=json,
    )


def _precision(*, int8: bool, float16: bool) -> "Precision":
    if int8 and float16:
        raise UsageError("Expected --int8 or --float16; received both.")
    return "int8" if int8 else "float16" if float16 else "float32"


def _payload(exported: "ExportedModel", run: "Run") -> dict[str, Any]:
    sizes = {"run_bytes": _run_bytes(run)}
    return {**asdict(exported), "path": str(exported.path), **sizes}


def _run_bytes(run: "Run") -> int:
    return run.classifier.path.stat().st_size


def _text(exported: "ExportedModel", run: "Run", data: Path) -> str:
    from imgclass.serving.export import TOLERANCES, megabytes

    parity, allowed = exported.parity, TOLERANCES[exported.precision].difference
    at_most = "" if allowed is None else f", at most {allowed:g} is allowed"
    rows = [
        ("file", shown_path(exported.path)),
        ("size", f"{megabytes(exported.bytes)}; model.keras has {megabytes(_run_bytes(run))}"),
        ("same class", parity.same_class),
        ("probabilities", f"differ by up to {parity.largest_difference:.1g}{at_most}"),
    ]
    if parity.accuracy is not None:
        both = f"{percent(parity.accuracy)}; the run has {percent(parity.run_accuracy)}"
        rows.append(("accuracy", f"{both} on these images"))
    rows.append(
        ("time", f"{1000 * parity.seconds_per_image:.1f} ms for one image, on this machine")
    )
    return "\n\n".join((table(rows), *_notes(exported, run, data)))


def _notes(exported: "ExportedModel", run: "Run", data: Path) -> list[str]:
    notes = []
    if not exported.parity.are_real:
        notes.append(
            f"None of the val images of the run is in {data} any more, so the file was compared "
            f"on noise. Name their place (--data) to compare on them."
        )
    if run.experiment.tta:
        mirrored = run.kept_evaluation and run.kept_evaluation.mirrored.get("val")
        score = f" of {percent(mirrored.accuracy)}" if mirrored else ""
        notes.append(
            f"The run's val accuracy{score} averaged over mirror images needs two predictions an "
            f"image; the file gives one."
        )
    return notes
