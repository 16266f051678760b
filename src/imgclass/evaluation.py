"""Clean passes over every split with the final weights: what a model really scores."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from imgclass.data.manifest import SPLITS, Split
from imgclass.errors import TrainingError
from imgclass.flows.flow import Flow, Flows
from imgclass.statistics import Interval, wilson_interval

# Keras's own floor in cross-entropy: a probability of exactly 0 would make the mean infinite.
EPSILON = 1e-7

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


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A model's scores, and every prediction joined to its file.

    Attributes:
        train: Clean pass over the training images: no augmentation, no dropout.
        val: Over the validation images.
        test: Over the test images; None where the data set has none.
        predictions: One row an image: path, split, label, predicted class, its probability, and
            the probability of the label.

    Example:
        >>> val = Score(class_names=("cat", "dog"), confusion=((8, 2), (1, 9)), loss=0.4)
        >>> list(Evaluation(train=val, val=val, test=None, predictions=pd.DataFrame()).scores)
        ['train', 'val']
    """

    train: Score
    val: Score
    test: Score | None
    predictions: pd.DataFrame

    @property
    def scores(self) -> dict[Split, Score]:
        """The splits that were scored, in order."""
        pairs = zip(SPLITS, (self.train, self.val, self.test), strict=True)
        return {split: score for split, score in pairs if score is not None}


def evaluate(model: Any, flows: Flows) -> Evaluation:
    """Score `model` on the clean splits of `flows`.

    Args:
        model: A `keras.Model` that gives `len(flows.class_names)` probabilities.
        flows: What `open_flows` gave; `train`, `val` and `test` are read, `fit` is not.

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
    train, train_rows = _score(model, flows.train, split="train", flows=flows)
    val, val_rows = _score(model, flows.val, split="val", flows=flows)
    if flows.test is None:
        return Evaluation(train, val, None, pd.concat([train_rows, val_rows], ignore_index=True))
    test, test_rows = _score(model, flows.test, split="test", flows=flows)
    rows = pd.concat([train_rows, val_rows, test_rows], ignore_index=True)
    return Evaluation(train, val, test, rows)


def _score(model: Any, flow: Flow, *, split: Split, flows: Flows) -> tuple[Score, pd.DataFrame]:
    class_names = flows.class_names
    labels, predicted, probability, label_probability = (
        np.concatenate(column)
        for column in zip(
            *(_predict_batch(model, *flow[index], split) for index in range(len(flow))), strict=True
        )
    )
    confusion = np.zeros((len(class_names), len(class_names)), dtype=np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    names = np.asarray(class_names, dtype=object)
    paths = [path.relative_to(flows.root).as_posix() for path in flow.paths]
    columns = (paths, split, names[labels], names[predicted], probability, label_probability)
    rows = pd.DataFrame(dict(zip(PREDICTION_COLUMNS, columns, strict=True)))
    loss = float(-np.log(np.maximum(label_probability, EPSILON)).mean())
    table = tuple(tuple(map(int, row)) for row in confusion)
    return Score(class_names=class_names, confusion=table, loss=loss), rows


def _predict_batch(
    model: Any, images: npt.NDArray[Any], one_hot: npt.NDArray[np.float32], split: Split
) -> tuple[npt.NDArray[Any], ...]:
    probabilities = np.asarray(model.predict_on_batch(images))
    if not np.isfinite(probabilities).all():
        raise TrainingError(
            f"Expected finite probabilities for the {split} images; received NaN or infinity. "
            f"The model's weights are not usable: train again with a lower learning rate."
        )
    labels, predicted = one_hot.argmax(axis=1), probabilities.argmax(axis=1)
    each = np.arange(len(labels))
    return labels, predicted, probabilities[each, predicted], probabilities[each, labels]


def _class_score(name: str, *, hits: int, n: int, predicted: int) -> ClassScore:
    precision = hits / predicted if predicted else None
    recall = hits / n if n else None
    f1 = 2 * hits / (n + predicted) if n + predicted else None
    return ClassScore(name, n, precision, recall, f1)
