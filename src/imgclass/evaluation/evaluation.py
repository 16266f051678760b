"""A model's scores on every split, and every prediction joined to its file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from imgclass.data.manifest import SPLITS, Split
from imgclass.evaluation.score import Score

PREDICTION_COLUMNS = ("path", "split", "label", "predicted", "probability", "label_probability")


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
