"""The verb `predict`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imgclass.cli.options import Json, Trust
from imgclass.cli.output import emit, visible_lines
from imgclass.errors import UsageError
from imgclass.formatting import cut, percent
from imgclass.images.folder_contents import scan_images
from imgclass.images.formats import split_extension

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

    An image that cannot be read is named, the others are predicted, and the exit code is 4.
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
            f"Expected image files, or folders of them; found none in "
            f"{', '.join(map(str, images))}."
        )
    if isolate:
        predictions = predict_isolated(classifier, files)
    else:
        classifier.check()  # refuse it before Keras is loaded
        load_keras_quietly()
        predictions = classifier.predict(files)
    rows = [_prediction_row(prediction, top) for prediction in predictions]
    payload = {"predictions": [_prediction_payload(p, top) for p in predictions]}
    emit(payload, visible_lines("\n".join(rows)), as_json=json)
    if any(prediction.error for prediction in predictions):
        raise typer.Exit(QUARANTINED)


def _files(paths: list[Path]) -> Iterator[Path]:
    """Yield the given files, and for a folder the files in it that have an image's extension."""
    for path in paths:
        if path.is_dir():
            names = (name for name in scan_images(path).files if split_extension(name)[1])
            yield from (path / name for name in names)
        else:
            yield path


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
