"""Clean passes over every split with the final weights: what a model really scores."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from imgclass.data.manifest import SPLITS, Split
from imgclass.errors import TrainingError
from imgclass.flows.failures import raising_failures
from imgclass.flows.flow import Flow, Flows
from imgclass.models.mirroring import average_mirrored
from imgclass.statistics import Interval, wilson_interval

# Keras's own floor in cross-entropy: a probability of exactly 0 would make the mean infinite.
EPSILON = 1e-7

Predict = Callable[[Any], Any]

PREDICTION_COLUMNS = ("path", "split", "label", "predicted", "probability", "label_probability")


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How one class fared; None where a figure is undefined (nothing predicted, nothing there).

    Attributes:
        class_name: The class.
        n: Images of the class.
        precision: Share of the images predicted as this class that are of it, in 0-1.
        recall: Share of the class's images that were predicted as it, in 0-1.
        f1: Harmonic mean of the two, in 0-1.
    """

    class_name: str
    n: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class Score:
    """What a model scores on one split.

    Attributes:
        class_names: Order of the rows and columns of `confusion`.
        confusion: Images by true class (row) and predicted class (column).
        loss: Mean cross-entropy in nats, without label smoothing.

    Example:
        >>> score = Score(class_names=("cat", "dog"), confusion=((8, 2), (1, 9)), loss=0.4)
        >>> score.n, score.accuracy, [c.recall for c in score.per_class]
        (20, 0.85, [0.8, 0.9])
    """

    class_names: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    loss: float

    @property
    def n(self) -> int:
        """Number of images."""
        return sum(map(sum, self.confusion))

    @property
    def correct(self) -> int:
        """Number of images whose most probable class is their label."""
        return sum(row[i] for i, row in enumerate(self.confusion))

    @property
    def accuracy(self) -> float:
        """Share of images classified correctly, in 0-1."""
        return self.correct / self.n

    @property
    def interval(self) -> Interval:
        """95 % Wilson interval of the accuracy."""
        return wilson_interval(self.correct, self.n)

    @property
    def per_class(self) -> tuple[ClassScore, ...]:
        """Precision, recall and F1 of each class."""
        columns = tuple(map(sum, zip(*self.confusion, strict=True)))
        return tuple(
            _class_score(name, hits=row[i], n=sum(row), predicted=columns[i])
            for i, (name, row) in enumerate(zip(self.class_names, self.confusion, strict=True))
        )


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """A model's scores, and every prediction joined to its file.

    Attributes:
        train: Clean pass over the training images: no augmentation, no dropout.
        val: Over the validation images.
        test: Over the test images; None where the data set has none.
        predictions: One row an image: path, split, label, predicted class, its probability, and
            the probability of the label.
        probabilities: For `val` and `test`, float32 `(n, classes)`, rows as in `predictions`.
        mirrored: Scores of each split where a prediction is the mean over an image and its mirror
            image; empty where that was not asked for.

    Example:
        >>> val = Score(class_names=("cat", "dog"), confusion=((8, 2), (1, 9)), loss=0.4)
        >>> list(Evaluation(train=val, val=val, test=None, predictions=pd.DataFrame()).scores)
        ['train', 'val']
    """

    train: Score
    val: Score
    test: Score | None
    predictions: pd.DataFrame
    probabilities: Mapping[Split, npt.NDArray[np.float32]] = field(default_factory=dict)
    mirrored: Mapping[Split, Score] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        """Whether two evaluations have the same scores, predictions and probabilities."""
        if not isinstance(other, Evaluation):
            return NotImplemented
        return (
            self.scores == other.scores
            and self.mirrored == other.mirrored
            and self.predictions.equals(other.predictions)
            and self.probabilities.keys() == other.probabilities.keys()
            and all(
                np.array_equal(rows, other.probabilities[split])
                for split, rows in self.probabilities.items()
            )
        )

    def __hash__(self) -> int:
        return hash((self.train, self.val, self.test))

    @property
    def scores(self) -> dict[Split, Score]:
        """The splits that were scored, in order."""
        pairs = zip(SPLITS, (self.train, self.val, self.test), strict=True)
        return {split: score for split, score in pairs if score is not None}


def evaluate(model: Any, flows: Flows, *, tta: bool = False) -> Evaluation:
    """Score `model` on the clean splits of `flows`.

    Args:
        model: A `keras.Model` that gives `len(flows.class_names)` probabilities.
        flows: What `open_flows` gave; `train`, `val` and `test` are read, `fit` is not.
        tta: Whether to score the mean over an image and its mirror image, too.

    Raises:
        TrainingError: The model gives probabilities that are not finite.

    Example:
        >>> from pathlib import Path
        >>> from types import SimpleNamespace
        >>> class Batches(list):
        ...     paths = (Path("data/1.png"), Path("data/2.png"))
        >>> batches = Batches([(np.array([[0.9, 0.1], [0.6, 0.4]]), np.eye(2))])
        >>> flows = Flows(batches, batches, batches, None, ("cat", "dog"), (1, 1), Path("data"))
        >>> echo = SimpleNamespace(predict_on_batch=lambda images: images)
        >>> evaluate(echo, flows).val.accuracy
        0.5
    """
    splits: dict[Split, Flow] = {"train": flows.train, "val": flows.val}
    if flows.test is not None:
        splits["test"] = flows.test
    predict: Predict = model.predict_on_batch
    with raising_failures(*splits.values()):
        plain = {split: _predict_split(predict, flow, split) for split, flow in splits.items()}
        averaged = {}
        if tta:
            predict = partial(average_mirrored, model.predict_on_batch)
            averaged = {s: _predict_split(predict, flow, s) for s, flow in splits.items()}
    scores = {split: _score(found, flows.class_names) for split, found in plain.items()}
    tables = [_table(found, split, splits[split], flows) for split, found in plain.items()]
    return Evaluation(
        train=scores["train"],
        val=scores["val"],
        test=scores.get("test"),
        predictions=pd.concat(tables, ignore_index=True),
        probabilities={s: plain[s].probabilities for s in plain if s != "train"},
        mirrored={split: _score(found, flows.class_names) for split, found in averaged.items()},
    )


class _Predicted(NamedTuple):
    """What a model says of the images of one split, `(n,)` each, and `(n, classes)`."""

    labels: npt.NDArray[np.int64]
    predicted: npt.NDArray[np.int64]
    probability: npt.NDArray[np.float32]
    label_probability: npt.NDArray[np.float32]
    probabilities: npt.NDArray[np.float32]


def _predict_split(predict: Predict, flow: Flow, split: Split) -> _Predicted:
    batches = (_predict_batch(predict, *flow[index], split) for index in range(len(flow)))
    return _Predicted(*map(np.concatenate, zip(*batches, strict=True)))


def _predict_batch(
    predict: Predict, images: npt.NDArray[Any], one_hot: npt.NDArray[np.float32], split: Split
) -> _Predicted:
    probabilities = np.asarray(predict(images))
    if not np.isfinite(probabilities).all():
        raise TrainingError(
            f"Expected finite probabilities for the {split} images; received NaN or infinity. "
            f"The model's weights are not usable: train again with a lower learning rate."
        )
    labels, predicted = one_hot.argmax(axis=1), probabilities.argmax(axis=1)
    each = np.arange(len(labels))
    return _Predicted(
        labels,
        predicted,
        probabilities[each, predicted],
        probabilities[each, labels],
        # Of train images nobody reads more than these two, and there may be very many.
        probabilities if split != "train" else probabilities[:0],
    )


def _score(found: _Predicted, class_names: tuple[str, ...]) -> Score:
    loss = float(-np.log(np.maximum(found.label_probability, EPSILON)).mean())
    return Score(class_names, confusion_of(found.labels, found.predicted, len(class_names)), loss)


def confusion_of(
    labels: npt.NDArray[np.int64], predicted: npt.NDArray[np.int64], num_classes: int
) -> tuple[tuple[int, ...], ...]:
    """Return the images by true class (row) and predicted class (column).

    Args:
        labels: Class indices `(n,)`.
        predicted: Class indices `(n,)`.
        num_classes: Number of rows and of columns.

    Example:
        >>> confusion_of(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
        ((1, 1), (0, 1))
    """
    confusion = np.zeros((num_classes, num_classes), dtype=np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    return tuple(map(tuple, confusion.tolist()))


def _table(found: _Predicted, split: Split, flow: Flow, flows: Flows) -> pd.DataFrame:
    names = np.asarray(flows.class_names, dtype=object)
    paths = [path.relative_to(flows.root).as_posix() for path in flow.paths]
    shares = found.probability, found.label_probability
    columns = (paths, split, names[found.labels], names[found.predicted], *shares)
    return pd.DataFrame(dict(zip(PREDICTION_COLUMNS, columns, strict=True)))


def _class_score(name: str, *, hits: int, n: int, predicted: int) -> ClassScore:
    precision = hits / predicted if predicted else None
    recall = hits / n if n else None
    f1 = 2 * hits / (n + predicted) if n + predicted else None
    return ClassScore(name, n, precision, recall, f1)
