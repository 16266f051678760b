"""find_label_errors: train on folds, and list the labels that the other folds contradict."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.manifest import Sample
from imgclass.evaluation import Score, confident_disagreements, confusion_of
from imgclass.execution.completion import open_data, open_run
from imgclass.execution.once import run_once
from imgclass.execution.training_folder import keep_file
from imgclass.experiment import Experiment
from imgclass.formatting import count
from imgclass.io.untrusted_files import exists
from imgclass.label_errors.folder import (
    FORMAT,
    PAGE,
    SEARCHES,
    TABLE,
    SearchRecord,
    open_search,
)
from imgclass.label_errors.folds import USUAL_FOLDS, fold_folder, folds_of
from imgclass.label_errors.found import LabelError, LabelErrors
from imgclass.label_errors.html import render_label_errors
from imgclass.run.fingerprint import fingerprint
from imgclass.run.record import FILE
from imgclass.run.run import Run

EPSILON = 1e-7  # a probability of 0 would make the loss infinite

Probabilities = npt.NDArray[np.float32]


def find_label_errors(
    data: Run | ImageFolder | str | os.PathLike[str],
    experiment: Experiment | None = None,
    *,
    folds: int = USUAL_FOLDS,
    seed: int = 0,
    out: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> LabelErrors:
    """Train on folds, and list the images whose labels are contradicted with confidence.

    All images of all splits are judged, each by a model that did not learn from it, as
    `confident_disagreements` describes. Each fold is a run directory in one folder, beside the
    table and the page with the images. After a kill the same call goes on with the first fold that
    is not finished. The data set is not changed.

    Args:
        data: A data set; or a run, whose data and experiment are taken.
        experiment: What to train on each fold; the defaults if not given. Not needed with a run.
        folds: How many parts the images are divided into, 2 or more; each costs a training.
        seed: Another seed makes other folds.
        out: The folder; `label-errors/<name of data>` if not given.
        progress: Whether to show progress on standard error.

    Raises:
        UsageError: There are too few folds or images, or the folder is of another search.
        ImgclassError: As for `run_experiment`; what is finished is kept.

    Example:
        >>> find_label_errors("no/data")
        Traceback (most recent call last):
        imgclass.errors.DatasetError: Expected a folder of images at 'no/data'; there is no folder.
    """
    folder, asked, name = _opened(data, experiment)
    samples = folder.manifest.samples
    placed = folds_of(samples, folds, seed=seed)
    path = Path(out) if out is not None else SEARCHES / name
    open_search(path, SearchRecord(FORMAT, fingerprint(folder.manifest), folds, seed, asked))
    probabilities = np.zeros((len(samples), len(folder.class_names)), np.float32)
    for fold in range(folds):
        part = fold_folder(folder, placed, fold)
        run = _judged(path, part, asked, fold=fold, folds=folds, progress=progress)
        probabilities[np.equal(placed, fold)] = run.evaluation.probabilities["val"]
    found = _found(folder, samples, probabilities, path)
    keep_file(path / TABLE, found.to_frame().to_csv(index=False))
    keep_file(path / PAGE, render_label_errors(found))
    return found


def _opened(
    data: Run | ImageFolder | str | os.PathLike[str], experiment: Experiment | None
) -> tuple[ImageFolder, Experiment, str]:
    """Return the data set, what to train, and a name."""
    if not isinstance(data, Run | ImageFolder) and exists(Path(data) / FILE):
        data = Run.load(data)
    if isinstance(data, Run):
        run = open_run(data)
        return open_data(run, None), experiment or run.experiment, run.path.name
    folder = data if isinstance(data, ImageFolder) else ImageFolder.open(data)
    return folder, experiment or Experiment(), folder.root.resolve().name


def _judged(
    path: Path, folder: ImageFolder, asked: Experiment, *, fold: int, folds: int, progress: bool
) -> Run:
    """Return the run of a fold, and say before which it is; to an error add what is kept."""
    console = Console(stderr=True, quiet=not progress, highlight=False, soft_wrap=True)
    counts = folder.counts
    console.print(
        f"Fold {fold + 1} of {folds}: {count(counts['val'], 'image')} judged by what is learned of "
        f"{counts['train']:,} others."
    )
    try:
        run = run_once(path / f"fold-{fold + 1}", folder, asked, progress=progress)
    except BaseException as error:
        # Notes about the one run would say how to continue that alone.
        getattr(error, "__notes__", []).clear()
        error.add_note(
            f"Kept in {path}: {fold} of {count(folds, 'fold')}. Give the same command again: it "
            f"goes on from there."
        )
        raise
    console.print(f"  accuracy on these {run.evaluation.val}")
    return run


def _found(
    folder: ImageFolder, samples: Sequence[Sample], probabilities: Probabilities, path: Path
) -> LabelErrors:
    names = folder.class_names
    place = {name: i for i, name in enumerate(names)}
    labels = np.array([place[sample.label] for sample in samples], np.int64)
    of_label = probabilities[np.arange(len(labels)), labels]
    rows, suggested = confident_disagreements(probabilities, labels)
    errors = tuple(
        LabelError(
            samples[row].path,
            samples[row].split,
            samples[row].label,
            names[other],
            float(probabilities[row, other]),
            float(of_label[row]),
        )
        for row, other in zip(rows, suggested, strict=True)
    )
    confusion = confusion_of(labels, probabilities.argmax(axis=1), len(names))
    loss = float(-np.log(np.maximum(of_label, EPSILON)).mean())
    return LabelErrors(folder.root, errors, Score(names, confusion, loss), path)
