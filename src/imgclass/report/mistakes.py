"""What a run got wrong on val: the surest mistakes as pictures, all of them as rows."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from imgclass.errors import ImageError
from imgclass.evaluation import (
    MOST_PREFERENCE,
    PREDICTION_COLUMNS,
    Evaluation,
    confident_disagreements,
    label_preference,
)
from imgclass.evaluation.mistakes import surest_mistakes
from imgclass.experiment import Experiment
from imgclass.images.decoding import read_image
from imgclass.images.pixels import Pixels
from imgclass.images.resizing import resize_image
from imgclass.report.heat_picture import heat_picture
from imgclass.report.thumbnails import small_picture
from imgclass.run import Run
from imgclass.run.heat_maps_file import HeatMap, read_heat_maps

PICTURED = 48  # mistakes that are shown as pictures: at 10 KB each, half a megabyte
ROWS = 10_000  # mistakes in the table, of about 250 bytes each


@dataclass(frozen=True, slots=True)
class Mistake:
    """An image that was classified wrongly.

    Attributes:
        path: Relative to the data set's folder; only the file's name if it is elsewhere.
        label: The true class.
        predicted: The model's class.
        probability: Of `predicted`, in 0-1.
        label_probability: Of `label`, in 0-1.
        is_doubted: Whether the label is probably wrong.
        picture: Data URI of a thumbnail; None if there is none.
        is_tiny: Whether it shows every pixel.
        heat: Data URI of the picture with its heat map; None if there is none.
    """

    path: str
    label: str
    predicted: str
    probability: float
    label_probability: float
    is_doubted: bool = False
    picture: str | None = None
    is_tiny: bool = False
    heat: str | None = None


@dataclass(frozen=True, slots=True)
class Mistakes:
    """The mistakes on val, the surest first.

    Attributes:
        total: How many there are.
        doubted: How many of them have a label that is probably wrong.
        pictured: Those with pictures.
        rows: Those in the table.
    """

    total: int
    doubted: int
    pictured: tuple[Mistake, ...]
    rows: tuple[Mistake, ...]

    @property
    def has_heat(self) -> bool:
        """Whether there is any heat map."""
        return any(mistake.heat for mistake in self.pictured)


def mistakes_of(run: Run) -> Mistakes:
    """Return the mistakes of a run on val; the images are read from `run.data`."""
    return collect_mistakes(
        run.evaluation.predictions,
        data=run.data,
        experiment=run.experiment,
        doubted=doubted_paths(run.evaluation),
        heat=read_heat_maps(run.path),
    )


def collect_mistakes(
    predictions: pd.DataFrame,
    *,
    data: Path,
    experiment: Experiment,
    doubted: frozenset[str] = frozenset(),
    heat: Sequence[HeatMap] = (),
) -> Mistakes:
    """Return the mistakes among predictions on val.

    Args:
        predictions: As `Evaluation.predictions`.
        data: The data set's folder.
        experiment: Says how the network sees an image.
        doubted: Paths of images whose labels are probably wrong.
        heat: What is known of where the network saw what.
    """
    table = surest_mistakes(predictions, "val")
    rows = tuple(_mistakes(table.head(ROWS), data, doubted))
    known = {(each.path, each.label, each.predicted): each for each in heat}
    paths = list(table["path"])[:PICTURED]
    pictured = tuple(
        _pictured(
            mistake, path, data, experiment, known.get((path, mistake.label, mistake.predicted))
        )
        for mistake, path in zip(rows, paths, strict=False)
    )
    return Mistakes(len(table), sum(path in doubted for path in table["path"]), pictured, rows)


def doubted_paths(evaluation: Evaluation) -> frozenset[str]:
    """Return the paths of val images whose labels are probably wrong.

    The model did not learn from them, which `confident_disagreements` requires. There are none
    without the probabilities of all classes, or if the model has learned too little to say so.
    """
    probabilities = evaluation.probabilities.get("val")
    if probabilities is None:
        return frozenset()
    rows = evaluation.predictions[evaluation.predictions["split"] == "val"]
    labels = pd.Index(evaluation.val.class_names).get_indexer(pd.Index(rows["label"]))
    doubted, others = confident_disagreements(probabilities, labels.astype(np.int64))
    preference = label_preference(
        probabilities[doubted, others],
        probabilities[doubted, labels[doubted]],
        classes=len(evaluation.val.class_names),
    )
    if preference > MOST_PREFERENCE:
        return frozenset()
    return frozenset(rows["path"].iloc[doubted])


def _mistakes(table: pd.DataFrame, data: Path, doubted: frozenset[str]) -> Iterator[Mistake]:
    columns = (table[name].tolist() for name in PREDICTION_COLUMNS)
    for path, _, label, predicted, probability, of_label in zip(*columns, strict=True):
        inside = _inside(path, data)
        shown = inside.as_posix() if inside else PurePosixPath(path).name
        yield Mistake(shown, label, predicted, probability, of_label, path in doubted)


def _pictured(
    mistake: Mistake, path: str, data: Path, experiment: Experiment, heat: HeatMap | None
) -> Mistake:
    """Return a mistake with its pictures, as far as its image can be read."""
    inside = _inside(path, data)
    if inside is None:
        return mistake
    try:
        pixels = read_image(data / inside)
    except ImageError:
        return mistake
    picture, is_tiny = small_picture(pixels)
    return replace(
        mistake,
        picture=picture,
        is_tiny=is_tiny,
        heat=heat_picture(_seen(pixels, experiment), heat) if heat else None,
    )


def _seen(pixels: Pixels, experiment: Experiment) -> Pixels:
    """Return the part of an image that the network sees, in the image's own proportions."""
    size = experiment.spec.image_size
    if size is None or experiment.resize == "stretch":
        return pixels
    return resize_image(pixels, size, resize=experiment.resize)


def _inside(path: str, data: Path) -> PurePosixPath | None:
    """Return `path` relative to `data`; None if it is outside.

    A predictions file from elsewhere must not bring other pictures of this machine into a page for
    others. Links are not followed: a data set may consist of them.
    """
    root, whole = (Path(os.path.normpath(p.absolute())) for p in (data, data / path))
    return PurePosixPath(whole.relative_to(root).as_posix()) if whole.is_relative_to(root) else None
