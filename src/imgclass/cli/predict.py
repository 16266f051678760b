"""The verb `predict`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imgclass.cli.options import Json, MaxPixels, Trust
from imgclass.cli.output import note
from imgclass.cli.prediction_output import print_csv, print_json, print_text, write_csv
from imgclass.cli.prediction_text import PredictionLines
from imgclass.cli.predictor import Predictor
from imgclass.errors import UsageError
from imgclass.formatting import count

if TYPE_CHECKING:
    from imgclass.serving import Classifier
    from imgclass.serving.bulk import Table

QUARANTINED = 4
TOP = 3
STANDARD_OUTPUT = Path("-")


def predict(  # noqa: PLR0913 - typer makes an option of each parameter
    model: Annotated[
        Path,
        typer.Argument(
            metavar="RUN|MODEL", help="A run directory, or a model.keras that imgclass wrote."
        ),
    ],
    images: Annotated[
        list[Path],
        typer.Argument(
            metavar="IMAGE...",
            help="Image files, folders of them at any depth, or patterns such as 'new/**/*.jpg'.",
        ),
    ],
    *,
    top: Annotated[int, typer.Option(min=1, help="How many classes to name for each image.")] = TOP,
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Call an image unsure if no class has this probability, in 0-1."
        ),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write a CSV, or go on with one that was interrupted; - is standard output.",
        ),
    ] = None,
    like: Annotated[
        Path | None,
        typer.Option(
            metavar="SAMPLE",
            help="Write the CSV with the header, ids and order of this sample submission.",
        ),
    ] = None,
    trust: Trust = False,
    isolate: Annotated[
        bool,
        typer.Option(
            "--isolate",
            help="Load the model and predict in another process, with limits on memory, time and "
            "files. This limits damage; it is no security boundary.",
        ),
    ] = False,
    max_pixels: MaxPixels = None,
    json: Json = False,
) -> None:
    """Classify images.

    An image that cannot be read is named, the others are predicted, and the exit code is 4. If no
    image can be read, that is an error.
    """
    from imgclass.data.dataset.record import file_sha256
    from imgclass.serving.bulk import image_files

    del max_pixels  # its callback has done the work
    _require_fitting(csv=csv, like=like, threshold=threshold, json=json)
    classifier = _classifier(model, trust=trust)
    files = image_files(images)
    top = _possible(top, len(classifier.class_names))
    table = _table(classifier, files, top=top, threshold=threshold, like=like)
    classifier.check()  # refuse it before Keras is loaded
    predictor = Predictor(classifier, isolate=isolate)
    if csv is not None and csv != STANDARD_OUTPUT:
        options = {"threshold": threshold, "like": None if like is None else file_sha256(like)}
        unread = write_csv(csv, table, predictor, options=options, json=json)
    elif csv is not None:
        unread = print_csv(table, predictor)
    elif json:
        unread = print_json(files, predictor, top=top, threshold=threshold)
    else:
        names = classifier.class_names
        unread = print_text(
            files, predictor, PredictionLines.of(files, names, top=top, threshold=threshold)
        )
    if unread:
        raise typer.Exit(QUARANTINED)


def _require_fitting(
    *, csv: Path | None, like: Path | None, threshold: float | None, json: bool
) -> None:
    if like is not None and csv is None:
        raise UsageError("Expected --csv FILE with --like: where is the CSV to be written?")
    if like is not None and threshold is not None:
        raise UsageError(
            "Expected --like or --threshold; received both. A submission has a class for each "
            "image: leave out --threshold."
        )
    if json and csv == STANDARD_OUTPUT:
        raise UsageError("Expected --csv - or --json; both write to standard output.")


def _classifier(model: Path, *, trust: bool) -> "Classifier":
    from imgclass.run import Run
    from imgclass.serving import Classifier

    if model.is_file():
        return Classifier.load(model, trust=trust)
    return Run.load(model, trust=trust).classifier


def _possible(top: int, classes: int) -> int:
    if top > classes and top != TOP:
        note(f"The model has {count(classes, 'class', 'classes')}; all are named.")
    return min(top, classes)


def _table(
    classifier: "Classifier",
    files: list[str],
    *,
    top: int,
    threshold: float | None,
    like: Path | None,
) -> "Table":
    from imgclass.serving.bulk import PlainTable, read_submission
    from imgclass.serving.bulk.plain_table import UNSURE

    if threshold is not None and UNSURE in classifier.class_names:
        raise UsageError(
            f"Expected no --threshold: the model has a class {UNSURE!r}, and an image below the "
            f"threshold is called so, too. Compare the probabilities yourself."
        )
    if like is None:
        return PlainTable(files, top, threshold)
    submission = read_submission(like, classifier.class_names, files)
    if submission.left_out:
        note(f"Left out: {count(submission.left_out, 'image')} that {like} has no id for.")
    return submission
