"""The verb `evaluate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imgclass.cli.folder_score_text import folder_score_payload, folder_score_text
from imgclass.cli.known_beside import known_beside
from imgclass.cli.options import Json, MaxPixels, Trust
from imgclass.cli.output import emit, note, progress_bar
from imgclass.cli.plugins import NoPlugins
from imgclass.cli.summary import run_payload, run_text
from imgclass.data.manifest import Split
from imgclass.errors import UsageError

if TYPE_CHECKING:
    from imgclass.serving.folder_score import FolderScore

LEFT_OUT = 4


def evaluate(  # noqa: PLR0913 - typer makes an option of each parameter
    run: Annotated[
        Path,
        typer.Argument(
            help="A run directory, as `train` makes it; with DATA, a model.keras will do."
        ),
    ],
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="DATA",
            help="Labelled images to score the model on: class folders, or a data set; without it, "
            "the run's own data set.",
        ),
    ] = None,
    *,
    data: Annotated[
        Path | None, typer.Option(help="The new place of the run's own data set, if it was moved.")
    ] = None,
    split: Annotated[
        Split | None,
        typer.Option(help="Which split of DATA: by default test, or val if there is no test."),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="The ids and labels of the images in DATA."),
    ] = None,
    ignore_unknown: Annotated[
        bool,
        typer.Option(
            "--ignore-unknown", help="Leave out images of classes that the model does not know."
        ),
    ] = False,
    trust: Trust = False,
    max_pixels: MaxPixels = None,
    no_plugins: NoPlugins = None,
    json: Json = False,
) -> None:
    """Score a model on labelled images; without DATA, score a run and write its report.

    Without DATA, the run is scored on its own data set and diagnosed, too. With DATA, nothing is
    written, and the exit code is 4 if an image was left out.
    """
    from imgclass.execution import evaluate_run
    from imgclass.report import write_report
    from imgclass.run import Run
    from imgclass.training.backend import load_keras_quietly

    del max_pixels, no_plugins  # their callbacks have done the work
    if folder is not None:
        if data is not None:
            raise UsageError(
                "Expected DATA or --data; received both. --data is the new place of the run's own "
                "data set, DATA any other labelled images."
            )
        scored = _score_folder(
            run, folder, split=split, labels=labels, ignore_unknown=ignore_unknown, trust=trust
        )
        emit(folder_score_payload(scored), folder_score_text(scored), as_json=json)
        if scored.unread or scored.unknown:
            raise typer.Exit(LEFT_OUT)
        return
    if split is not None or labels is not None or ignore_unknown:
        raise UsageError(
            "Expected a folder of labelled images with --split, --labels and --ignore-unknown: "
            "imgclass evaluate RUN DATA."
        )
    loaded = Run.load(run, trust=trust)
    loaded.classifier.check()  # refuse it before Keras is loaded
    load_keras_quietly()
    done = evaluate_run(loaded, data=data)
    write_report(done, beside=known_beside(done))
    emit(run_payload(done), run_text(done), as_json=json)


def _score_folder(
    model: Path,
    folder: Path,
    *,
    split: Split | None,
    labels: Path | None,
    ignore_unknown: bool,
    trust: bool,
) -> "FolderScore":
    from imgclass.run import Run
    from imgclass.serving import Classifier
    from imgclass.serving.folder_score import score_images
    from imgclass.serving.labelled_images import labelled_images
    from imgclass.training.backend import load_keras_quietly

    learned = frozenset[str]()
    if model.is_file():
        classifier = Classifier.load(model, trust=trust)
    else:
        loaded = Run.load(model, trust=trust)
        classifier = loaded.classifier
        learned = frozenset(sample.sha256 for sample in loaded.manifest.of("train"))
    classifier.check()  # refuse it before Keras is loaded
    images = labelled_images(folder, split=split, labels=labels)
    for notice in images.notices:
        note(notice)
    if not ignore_unknown:
        images.require_known(classifier.class_names)
    load_keras_quietly()
    bar, progress = progress_bar("scoring")
    with bar:
        return score_images(classifier, images, learned=learned, progress=progress)
