"""An evaluation as files: scores for people, a row for each image, and the probabilities."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from imgclass.data.manifest import SPLITS, Split
from imgclass.evaluation import PREDICTION_COLUMNS, Evaluation, Score, confusion_of
from imgclass.serialization import read_json
from imgclass.statistics import Interval

SCORES, PREDICTIONS, PROBABILITIES = "evaluation.json", "predictions.csv", "probabilities.npz"


@dataclass(frozen=True, slots=True)
class Figures:
    """What `evaluation.json` says of one split; its confusion matrix follows from the predictions.

    Attributes:
        n: Number of images.
        accuracy: Share classified correctly, in 0-1.
        interval: Its 95 % Wilson interval.
        loss: Mean cross-entropy in nats.
        confusion: Where the predictions are not kept, cells as (true class, predicted class, n).
    """

    n: int
    accuracy: float
    interval: Interval
    loss: float
    confusion: tuple[tuple[int, int, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """What `evaluation.json` holds: the plain model's figures, and those over mirror images."""

    plain: Mapping[Split, Figures]
    mirrored: Mapping[Split, Figures] = field(default_factory=dict)


def format_evaluation(evaluation: Evaluation) -> dict[str, Any]:
    """Return what each file of an evaluation holds: a value for JSON, text, or bytes."""
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
        ),
    }


def read_figures(root: Path) -> Mapping[Split, Figures]:
    """Return the figures of each split; none where the run was not scored.

    Raises:
        ValueError: The file is damaged; the message names it.
    """
    path = root / SCORES
    return read_json(Scores, path).plain if path.exists() else {}


def read_evaluation(root: Path, class_names: tuple[str, ...]) -> Evaluation | None:
    """Read an evaluation; None where the run was not scored.

    Raises:
        ValueError: A file of it is missing or damaged; the message names it.
        OSError: A file cannot be read.
    """
    if not (root / SCORES).exists():
        return None
    scores = read_json(Scores, root / SCORES)
    table = read_predictions(root / PREDICTIONS)
    plain = {s: _score(root, table, s, figures, class_names) for s, figures in scores.plain.items()}
    if missing := {"train", "val"} - plain.keys():
        raise ValueError(f"{root / SCORES}: the split {min(missing)} is missing.")
    return Evaluation(
        train=plain["train"],
        val=plain["val"],
        test=plain.get("test"),
        predictions=table,
        probabilities=_read_probabilities(root / PROBABILITIES, table, len(class_names)),
        mirrored={
            split: Score(class_names, _dense(figures, len(class_names)), figures.loss)
            for split, figures in scores.mirrored.items()
        },
    )


def read_predictions(path: Path) -> pd.DataFrame:
    """Read a `predictions.csv`, every label as the text that it is.

    Raises:
        ValueError: It is no such table; the message names the file.
    """
    # pandas would read NA as missing and 01 as 1.
    text = dict.fromkeys(("path", "split", "label", "predicted"), str)
    try:
        table = pd.read_csv(
            path, dtype=text, keep_default_na=False, encoding_errors="surrogateescape"
        )
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    if missing := set(PREDICTION_COLUMNS) - set(table.columns):
        raise ValueError(f"{path}: the columns {', '.join(sorted(missing))} are missing.")
    return table


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
    index = pd.Index(class_names)
    labels, predicted = (
        index.get_indexer(pd.Index(rows[name])).astype(np.int64) for name in ("label", "predicted")
    )
    if len(rows) != figures.n or min(labels.min(), predicted.min()) < 0:
        raise ValueError(
            f"{root / PREDICTIONS}: expected {figures.n:,} {split} images of known classes, as "
            f"{SCORES} says; received {len(rows):,} rows."
        )
    score = Score(class_names, confusion_of(labels, predicted, len(class_names)), figures.loss)
    if score.n and abs(score.accuracy - figures.accuracy) > 1 / (2 * score.n):
        raise ValueError(
            f"{root / PREDICTIONS}: its {split} rows are right for {score.accuracy:.4f} of the "
            f"images; {SCORES} says {figures.accuracy:.4f}."
        )
    return score


def _dense(figures: Figures, num_classes: int) -> tuple[tuple[int, ...], ...]:
    confusion = np.zeros((num_classes, num_classes), dtype=np.int64)
    for true, predicted, n in figures.confusion or ():
        if not (0 <= true < num_classes and 0 <= predicted < num_classes):
            raise ValueError(f"{SCORES}: there is no class {max(true, predicted)}.")
        confusion[true, predicted] = n
    return tuple(map(tuple, confusion.tolist()))


def _read_probabilities(
    path: Path, table: pd.DataFrame, num_classes: int
) -> dict[Split, npt.NDArray[np.float32]]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found: dict[Split, npt.NDArray[np.float32]] = {
                split: arrays[split] for split in SPLITS if split in arrays
            }
    except OSError:
        raise
    except Exception as error:  # NumPy and zipfile raise many kinds on damaged files
        raise ValueError(f"{path}: {error}") from error
    for split, rows in found.items():
        expected = (int((table["split"] == split).sum()), num_classes)
        if rows.shape != expected:
            raise ValueError(
                f"{path}: expected {split} of shape {expected}; received {rows.shape}."
            )
    return found
