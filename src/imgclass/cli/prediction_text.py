"""Predictions as the lines of a table, and as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imgclass.formatting import cut, percent

if TYPE_CHECKING:
    from imgclass.serving import Prediction

LONGEST_PATH, LONGEST_NAME, LONGEST_LINE = 300, 40, 1000  # characters
NONE = "-"
HEADINGS = ("image", "class", "probability", "next")


@dataclass(frozen=True, slots=True)
class PredictionLines:
    """A table of predictions, whose lines can be printed before all predictions are there.

    Attributes:
        widths: Of the columns but the last, in characters.
        top: How many classes a line names.
        threshold: The least probability of a class that is not `unsure`; None for no threshold.
    """

    widths: tuple[int, int, int]
    top: int
    threshold: float | None = None

    @classmethod
    def of(
        cls, images: Sequence[str], class_names: Sequence[str], *, top: int, threshold: float | None
    ) -> "PredictionLines":
        """Return the lines for these images and classes."""
        names = [cut(name, LONGEST_NAME) for name in class_names]
        widths = (
            max(len(HEADINGS[0]), *(min(len(image), LONGEST_PATH) for image in images)),
            max(len(HEADINGS[1]), len("unsure"), *map(len, names)),
            len(HEADINGS[2]),
        )
        return cls(widths, top, threshold)

    @property
    def heading(self) -> str:
        """The names of the columns."""
        is_long = self.top > 1 or self.threshold is not None
        return self._line(*HEADINGS[: 4 if is_long else 3])

    def line(self, prediction: "Prediction") -> str:
        """Return one prediction as a line."""
        from imgclass.serving.bulk.plain_table import UNSURE, is_unsure

        image = cut(str(prediction.path), LONGEST_PATH)
        if prediction.error:
            return self._line(image, NONE, NONE, str(prediction.error))
        pairs = [(cut(name, LONGEST_NAME), percent(p)) for name, p in prediction.top[: self.top]]
        if is_unsure(prediction, self.threshold):
            first, rest = (UNSURE, pairs[0][1]), pairs
        else:
            first, rest = pairs[0], pairs[1:]
        return self._line(image, *first, ", ".join(f"{name} {p}" for name, p in rest))

    def _line(self, *cells: str) -> str:
        padded = (cell.ljust(w) for cell, w in zip(cells, (*self.widths, 0), strict=False))
        return cut("  ".join(padded).rstrip(), LONGEST_LINE)


def prediction_payload(
    prediction: "Prediction", *, top: int, threshold: float | None
) -> dict[str, Any]:
    """Return one prediction as `predict --json` prints it."""
    from imgclass.serving.bulk.plain_table import is_unsure

    path = str(prediction.path)
    if prediction.error:
        return {"path": path, "top": [], "error": str(prediction.error)}
    pairs = prediction.top[:top]
    payload: dict[str, Any] = {
        "path": path,
        "top": [{"class": name, "probability": probability} for name, probability in pairs],
    }
    if threshold is not None:
        payload["unsure"] = is_unsure(prediction, threshold)
    return payload
