"""A model's scores on every split, and every prediction joined to its file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from imgclass.data.manifest import SPLITS, Split
from imgclass.errors import UsageError
from imgclass.evaluation.calibration import Calibration, calibration_of, fit_temperature
from imgclass.evaluation.constant_images import ConstantImages
from imgclass.evaluation.matrix import draw
from imgclass.evaluation.mirror_images import MirrorImages
from imgclass.evaluation.score import Score

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PREDICTION_COLUMNS = ("path", "split", "label", "predicted", "probability", "label_probability")


def prediction_table(*columns: Sequence[Any] | str | npt.NDArray[Any]) -> pd.DataFrame:
    r"""Return a table of predictions, `PREDICTION_COLUMNS` with these values.

    Its text stays Python's: pandas's own, with PyArrow installed, refuses names of files that are
    no UTF-8.

    Example:
        >>> table = prediction_table(["val/a\udcff.png"], "val", ["a"], ["b"], [0.9], [0.1])
        >>> table["probability"].tolist()
        [0.9]
    """
    named = dict(zip(PREDICTION_COLUMNS, columns, strict=True))
    return pd.DataFrame(named, dtype=object).astype(
        dict.fromkeys(("probability", "label_probability"), np.float64)
    )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Evaluation:
    """A model's scores, and every prediction joined to its file.

    Attributes:
        train: Clean pass over the training images: no augmentation, no dropout.
        val: Over the validation images.
        test: Over the test images; None if the data set has none.
        predictions: A row for each image: path, split, label, predicted class, its probability, and
            the probability of the label.
        probabilities: For `val` and `test`, float32 `(n, classes)`, rows as in `predictions`.
        mirrored: Scores of predictions averaged over an image and its mirror image, by split;
            empty unless asked for.
        constant: Images of one colour, by split; a split is missing if it was not looked at.
        mirror_images: How mirror images of val are recognised; None if that was not tried.

    Example:
        >>> val = Score(class_names=("cat", "dog"), confusion=((8, 2), (1, 9)), loss=0.4)
        >>> evaluation = Evaluation(train=val, val=val, test=None, predictions=pd.DataFrame())
        >>> evaluation
        <Evaluation: train 85.0 % (64.0 to 94.8 %), val 85.0 % (64.0 to 94.8 %)>
        >>> evaluation.to_frame()[["n", "accuracy"]]
                n  accuracy
        split
        train  20      0.85
        val    20      0.85
    """

    train: Score
    val: Score
    test: Score | None
    predictions: pd.DataFrame
    probabilities: Mapping[Split, npt.NDArray[np.float32]] = field(default_factory=dict)
    mirrored: Mapping[Split, Score] = field(default_factory=dict)
    constant: Mapping[Split, ConstantImages] = field(default_factory=dict)
    mirror_images: MirrorImages | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Evaluation):
            return NotImplemented
        return (
            self.scores == other.scores
            and self.mirrored == other.mirrored
            and self.constant == other.constant
            and self.mirror_images == other.mirror_images
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

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each split: n, accuracy, its interval (`low`, `high`), and the loss.

        After test-time augmentation there is a column `mirrored_accuracy`, too.
        """
        rows = {
            split: {
                "n": score.n,
                "accuracy": score.accuracy,
                "low": score.interval[0],
                "high": score.interval[1],
                "loss": score.loss,
            }
            for split, score in self.scores.items()
        }
        table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("split")
        table["n"] = table["n"].astype(int)
        if self.mirrored:
            table["mirrored_accuracy"] = pd.Series(
                {split: score.accuracy for split, score in self.mirrored.items()}
            )
        return table

    def plot_confusion(self, split: Split = "val", *, ax: "Axes | None" = None) -> "Axes":
        """Draw which classes were taken for which; of many, the 30 with the most mistakes.

        Args:
            split: `train`, `val` or `test`.
            ax: Where to draw; a new figure if not given.

        Raises:
            UsageError: The split does not exist or was not scored.
        """
        self._require(split)
        return draw(self.scores[split], ax=ax)

    def calibration(self, split: Split = "val") -> Calibration:
        """Return how far the probabilities can be read as such; nothing predicted is changed.

        The temperature that would mend them is fitted on val for every split, so that on test it
        is one that new images would get. It is None in a run of imgclass 0.1.0, which kept only the
        probabilities of the predicted class and of the label.

        Args:
            split: `train`, `val` or `test`.

        Raises:
            UsageError: The split does not exist or was not scored.
        """
        self._require(split)
        table, probabilities = self.predictions, self.probabilities.get("val")
        temperature = None
        if probabilities is not None:
            labels = table.loc[table["split"] == "val", "label"]
            temperature = fit_temperature(
                probabilities, pd.Index(self.val.class_names).get_indexer(pd.Index(labels))
            )
        return calibration_of(table[table["split"] == split], temperature=temperature)

    def _require(self, split: Split) -> None:
        if split not in self.scores:
            raise UsageError(
                f"Expected one of the splits {', '.join(self.scores)}; received {split!r}."
            )

    def __repr__(self) -> str:
        return (
            f"<Evaluation: {', '.join(f'{name} {score}' for name, score in self.scores.items())}>"
        )
