"""An evaluation as files: scores, a row for each image, and the probabilities."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from imgclass.data.manifest import SPLITS, Split
from imgclass.evaluation import ConstantImages, Evaluation, MirrorImages, Score, confusion_of
from imgclass.formatting import shown_value
from imgclass.io.untrusted_files import exists
from imgclass.run.arrays_file import read_probabilities
from imgclass.run.field_rules import LARGEST_SCORES
from imgclass.run.predictions_file import read_predictions
from imgclass.serialization import read_json
from imgclass.statistics import Interval

SCORES, PREDICTIONS, PROBABILITIES = "evaluation.json", "predictions.csv", "probabilities.npz"


@dataclass(frozen=True, slots=True)
class Figures:
    """The scores of one split in `evaluation.json`.

    Attributes:
        n: Number of images.
        accuracy: In 0-1.
        interval: Its 95 % Wilson interval.
        loss: Mean cross-entropy in nats.
        confusion: Cells (true class, predicted class, n); None if the predictions are kept.
    """

    n: int
    accuracy: float
    interval: Interval
    loss: float
    confusion: tuple[tuple[int, int, int], ...] | None = None

    def __post_init__(self) -> None:
        low, high = self.interval
        for name, fits, expected in (
            ("n", self.n >= 1, "a number of images"),
            ("accuracy", 0 <= self.accuracy <= 1, "a number in 0-1"),
            ("interval", 0 <= low <= high <= 1, "two numbers in 0-1"),
            ("loss", self.loss >= 0, "a number >= 0"),
        ):
            if not fits:
                received = getattr(self, name)
                raise ValueError(f"expected {name} to be {expected}; received {received}.")


@dataclass(frozen=True, slots=True)
class Scores:
    """`evaluation.json`.

    `mirrored` scores are averaged over each image and its mirror image, `constant` counts images of
    one colour, and `mirror_images` are of val.
    """

    plain: Mapping[Split, Figures]
    mirrored: Mapping[Split, Figures] = field(default_factory=dict)
    constant: Mapping[Split, ConstantImages] = field(default_factory=dict)
    mirror_images: MirrorImages | None = None


def format_evaluation(evaluation: Evaluation) -> dict[str, Any]:
    """Return each file's content: a value for JSON, text, or bytes."""
    probabilities = io.BytesIO()
    arrays: dict[str, Any] = {str(split): rows for split, rows in evaluation.probabilities.items()}
    np.savez(probabilities, **arrays)
    return {
        PREDICTIONS: evaluation.predictions.to_csv(index=False),
        PROBABILITIES: probabilities.getvalue(),
        SCORES: Scores(
            plain={split: _figures(score) for split, score in evaluation.scores.items()},
            mirrored={
                split: _figures(score, cells=True) for split, score in evaluation.mirrored.items()
            },
            constant=evaluation.constant,
            mirror_images=evaluation.mirror_images,
        ),
    }


def read_figures(root: Path) -> Mapping[Split, Figures]:
    """Return the scores of each split; without the file there are none."""
    return _read_scores(root / SCORES).plain if exists(root / SCORES) else {}


def read_evaluation(root: Path, class_names: tuple[str, ...]) -> Evaluation | None:
    """Read an evaluation; None if the run was not scored."""
    if not exists(root / SCORES):
        return None
    scores = _read_scores(root / SCORES)
    if missing := {"train", "val"} - scores.plain.keys():
        raise ValueError(f"{root / SCORES}: the split {min(missing)} is missing.")
    images = sum(figures.n for figures in scores.plain.values())
    table = read_predictions(root / PREDICTIONS, class_names, images=images)
    plain = {s: _score(root, table, s, figures, class_names) for s, figures in scores.plain.items()}
    shapes: dict[Split, tuple[int, int]] = {
        split: (score.n, len(class_names)) for split, score in plain.items() if split != "train"
    }
    return Evaluation(
        train=plain["train"],
        val=plain["val"],
        test=plain.get("test"),
        predictions=table,
        probabilities=read_probabilities(root / PROBABILITIES, shapes),
        mirrored={
            split: Score(class_names, _dense(root, split, figures, len(class_names)), figures.loss)
            for split, figures in scores.mirrored.items()
        },
        constant=_constant(root, scores, class_names),
        mirror_images=scores.mirror_images,
    )


def _constant(
    root: Path, scores: Scores, class_names: tuple[str, ...]
) -> Mapping[Split, ConstantImages]:
    for split, found in scores.constant.items():
        if split not in scores.plain or found.n > scores.plain[split].n:
            raise ValueError(
                f"{root / SCORES}: constant.{split}: expected at most the images that plain has."
            )
        if strange := found.by_class.keys() - {*class_names}:
            raise ValueError(
                f"{root / SCORES}: constant.{split}: there is no class {shown_value(min(strange))}."
            )
    return scores.constant


def _read_scores(path: Path) -> Scores:
    scores = read_json(Scores, path, limit=LARGEST_SCORES)
    if strange := scores.plain.keys() - set(SPLITS):
        raise ValueError(
            f"{path}: expected the splits {', '.join(SPLITS)}; received "
            f"{shown_value(min(strange))}."
        )
    for split, figures in scores.mirrored.items():
        if split not in scores.plain or figures.n != scores.plain[split].n:
            raise ValueError(
                f"{path}: mirrored.{shown_value(split)}: expected the images that plain has."
            )
    return scores


def _figures(score: Score, *, cells: bool = False) -> Figures:
    sparse = None
    if cells:
        table = np.asarray(score.confusion)
        places = np.argwhere(table)
        sparse = tuple((int(i), int(j), int(table[i, j])) for i, j in places)
    return Figures(score.n, score.accuracy, score.interval, score.loss, sparse)


def _score(
    root: Path, table: pd.DataFrame, split: Split, figures: Figures, class_names: tuple[str, ...]
) -> Score:
    rows = table[table["split"] == split]
    if len(rows) != figures.n:
        raise ValueError(
            f"{root / PREDICTIONS}: expected {figures.n:,} {split} images, as {SCORES} says; "
            f"received {len(rows):,} rows."
        )
    index = pd.Index(class_names)
    labels, predicted = (
        index.get_indexer(pd.Index(rows[name])).astype(np.int64) for name in ("label", "predicted")
    )
    score = Score(class_names, confusion_of(labels, predicted, len(class_names)), figures.loss)
    if abs(score.accuracy - figures.accuracy) > 1 / (2 * score.n):
        raise ValueError(
            f"{root / PREDICTIONS}: its {split} rows are right for {score.accuracy:.4f} of the "
            f"images; {SCORES} says {figures.accuracy:.4f}."
        )
    return score


def _dense(
    root: Path, split: Split, figures: Figures, num_classes: int
) -> tuple[tuple[int, ...], ...]:
    at = f"{root / SCORES}: mirrored.{split}.confusion"
    confusion = np.zeros((num_classes, num_classes), dtype=np.int64)
    for true, predicted, n in figures.confusion or ():
        if not (0 <= true < num_classes and 0 <= predicted < num_classes):
            raise ValueError(f"{at}: there is no class {max(true, predicted)}.")
        if not 0 <= n <= figures.n:
            raise ValueError(f"{at}: expected 0 to {figures.n:,} images in a cell; received {n}.")
        confusion[true, predicted] = n
    if (total := int(confusion.sum())) != figures.n:
        raise ValueError(f"{at}: expected {figures.n:,} images; its cells hold {total:,}.")
    return tuple(map(tuple, confusion.tolist()))
