"""What a model scores on one split."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from imgclass.formatting import count, figure, percent, percent_range
from imgclass.statistics import Interval, wilson_interval

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class ClassScore:
    """What a model scores on one class; None if a figure is undefined, as without images.

    Attributes:
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


@dataclass(frozen=True, slots=True, repr=False)
class Score:
    """What a model scores on one split.

    Attributes:
        class_names: Order of the rows and columns of `confusion`.
        confusion: Images by true class (row) and predicted class (column).
        loss: Mean cross-entropy in nats, without label smoothing.

    Example:
        >>> score = Score(class_names=("cat", "dog"), confusion=((8, 2), (1, 9)), loss=0.4)
        >>> score
        <Score: 85.0 % (64.0 to 94.8 %) of 20 images, 2 classes, loss 0.400>
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

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each class: n, precision, recall and F1."""
        import pandas as pd

        return (
            pd.DataFrame(map(asdict, self.per_class))
            .set_index("class_name")
            .astype({"precision": float, "recall": float, "f1": float})
        )

    def __str__(self) -> str:
        return f"{percent(self.accuracy)} ({percent_range(self.interval)})"

    def __repr__(self) -> str:
        classes = count(len(self.class_names), "class", "classes")
        return f"<Score: {self} of {count(self.n, 'image')}, {classes}, loss {figure(self.loss)}>"


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


def _class_score(name: str, *, hits: int, n: int, predicted: int) -> ClassScore:
    precision = hits / predicted if predicted else None
    recall = hits / n if n else None
    f1 = 2 * hits / (n + predicted) if n + predicted else None
    return ClassScore(name, n, precision, recall, f1)
