"""The plain table of predictions: an image, its most probable classes, and what went wrong."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from imgclass.serving.bulk.table import Row, format_probability
from imgclass.serving.prediction import Prediction

UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class PlainTable:
    """One row an image, with the columns of `Predictions.to_frame`.

    These are `path`, `predicted` and `probability`, `predicted_2` and `probability_2` and so on,
    and `error`. With a threshold, `decision` comes after `path`: the predicted class, or `unsure`.

    Attributes:
        images: Their paths, in order.
        top: How many classes each row names.
        threshold: The least probability of a decision, in 0-1; None for no such column.

    Example:
        >>> table = PlainTable(("1.jpg",), top=1, threshold=0.8)
        >>> from pathlib import Path
        >>> names, scores = ("cat", "dog"), np.array([0.25, 0.75], np.float32)
        >>> ",".join(table.header)
        'path,decision,predicted,probability,error'
        >>> ",".join(table.rows(0)(Prediction(Path("1.jpg"), names, scores)))
        '1.jpg,unsure,dog,0.75,'
    """

    images: Sequence[str]
    top: int = 3
    threshold: float | None = None

    @property
    def header(self) -> Row:
        """The names of the columns."""
        endings = ("", *(f"_{rank}" for rank in range(2, self.top + 1)))
        ranked = (f"{name}{end}" for end in endings for name in ("predicted", "probability"))
        decision = () if self.threshold is None else ("decision",)
        return ("path", *decision, *ranked, "error")

    def keys(self) -> Iterator[str]:
        """Yield the path of each row."""
        return iter(self.images)

    def rows(self, start: int) -> Callable[[Prediction], Row]:
        """Return what makes a row of a prediction; the same wherever it starts."""
        del start
        return self._row

    def _row(self, prediction: Prediction) -> Row:
        path, empty = str(prediction.path), [""] * (len(self.header) - 2)
        if prediction.error:
            return (path, *empty, str(prediction.error))
        scores = prediction.probabilities
        best = np.argsort(-scores, kind="stable")[: self.top]
        ranked = [
            text
            for i in best
            for text in (prediction.class_names[i], format_probability(scores[i]))
        ]
        return (path, *self._decision(prediction), *ranked, "")

    def _decision(self, prediction: Prediction) -> Row:
        if self.threshold is None:
            return ()
        return (UNSURE if is_unsure(prediction, self.threshold) else prediction.top1,)


def is_unsure(prediction: Prediction, threshold: float | None) -> bool:
    """Return whether no class of a prediction has at least the probability `threshold`."""
    return threshold is not None and float(prediction.probabilities.max()) < threshold
