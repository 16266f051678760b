"""LabelErrors: the images whose labels are probably wrong, the surest first."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from imgclass.data.manifest import Split
from imgclass.evaluation import MOST_PREFERENCE, Score, label_preference
from imgclass.formatting import count, percent

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class LabelError:
    """An image whose label is probably wrong.

    Attributes:
        path: Relative to the data set's folder, with `/`.
        split: In the data set.
        label: The class that it is in.
        suggested: The class that it probably shows.
        probability: Of `suggested`, in 0-1.
        label_probability: Of `label`, in 0-1.
    """

    path: str
    split: Split
    label: str
    suggested: str
    probability: float
    label_probability: float


@dataclass(frozen=True, slots=True, repr=False)
class LabelErrors:
    """What a search for wrong labels found.

    Attributes:
        root: The data set's folder.
        errors: The surest first.
        score: Of the models on the images that they did not learn from: all images, once each.
        path: The folder of the trainings, the table and the page.

    Example:
        >>> score = Score(class_names=("cat", "dog"), confusion=((48, 2), (1, 49)), loss=0.1)
        >>> error = LabelError("train/cat/7.png", "train", "cat", "dog", 0.98, 0.01)
        >>> LabelErrors(Path("data"), (error,), score, Path("label-errors/data"))
        <LabelErrors: 1 image of 100 (1.0 %)>
    """

    root: Path
    errors: tuple[LabelError, ...]
    score: Score
    path: Path

    @property
    def share(self) -> float:
        """Share of the images whose labels are probably wrong, in 0-1."""
        return len(self.errors) / self.score.n

    @property
    def is_premature(self) -> bool:
        """Whether the models learned too little to judge: the labels are their second guesses."""
        import numpy as np

        preference = label_preference(
            np.array([error.probability for error in self.errors]),
            np.array([error.label_probability for error in self.errors]),
            classes=len(self.score.class_names),
        )
        return preference > MOST_PREFERENCE

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each image, with the fields of `LabelError`."""
        import pandas as pd

        names = [field.name for field in fields(LabelError)]
        # With PyArrow installed, pandas's own text refuses names that are no UTF-8.
        table = pd.DataFrame([asdict(e) for e in self.errors], columns=names, dtype=object)
        return table.astype({"probability": float, "label_probability": float})

    def __repr__(self) -> str:
        found = f"{count(len(self.errors), 'image')} of {self.score.n:,}"
        return f"<LabelErrors: {found} ({percent(self.share)})>"
