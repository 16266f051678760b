"""The verb `predict`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgclass.cli.options import Json, Trust
from imgclass.cli.output import emit, visible_lines
from imgclass.errors import ImageError
from imgclass.formatting import cut, percent

if TYPE_CHECKING:
    from imgclass.serving import Prediction

QUARANTINED = 4
NAME = 100  # characters of a class that a line shows


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
            help="Load the model and predict in another process, with limits on memory, time and "
            "files. This limits damage; it is no security boundary.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Classify images.

    An image that cannot be read is named, the others are predicted, and the exit code is 4. If no
    image can be read, that is an error.
    """
    from imgclass.run import Run
    from imgclass.serving import Classifier, predict_isolated
    from imgclass.serving.inputs import expand
    from imgclass.training.backend import load_keras_quietly

    classifier = (
        Classifier.load(model, trust=trust)
        if model.is_file()
        else Run.load(model, trust=trust).classifier
    )
    files = list(expand(images))
    if isolate:
        predictions = predict_isolated(classifier, files)
    else:
        classifier.check()  # refuse it before Keras is loaded
        load_keras_quietly()
        predictions = classifier.predict(files)
    failed = predictions.failed
    if len(failed) == len(predictions):
        more = f"None of the {len(failed):,} images could be read. " if len(failed) > 1 else ""
        raise ImageError(f"{more}{failed[0].error}")
    rows = [_prediction_row(prediction, top) for prediction in predictions]
    payload = {"predictions": [_prediction_payload(p, top) for p in predictions]}
    emit(payload, visible_lines("\n".join(rows)), as_json=json)
    if failed:
        raise typer.Exit(QUARANTINED)


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
