"""What a model says of one image, and of several: classes, probabilities, a table."""

import html
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, overload

import numpy as np
import numpy.typing as npt

from imgclass.errors import ImageError
from imgclass.formatting import count, cut, percent

if TYPE_CHECKING:
    import pandas as pd

SHOWN_CLASSES, SHOWN_ROWS = 5, 20  # in a repr; in a notebook's table
NAME = 60  # characters of a path or a class


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Prediction:
    """What a model says of one image, or why it could not be read.

    Attributes:
        path: The image's file; None for an array or a PIL image.
        class_names: In the order of `scores`.
        scores: Probabilities of shape `(len(class_names),)`; None where `error` is set.
        error: Why the image could not be read.

    Example:
        >>> prediction = Prediction(Path("1.jpg"), ("cat", "dog"), np.array([0.25, 0.75]))
        >>> prediction
        <Prediction 1.jpg: dog 75.0 %>
        >>> prediction.top
        (('dog', 0.75), ('cat', 0.25))
    """

    path: Path | None
    class_names: tuple[str, ...]
    scores: npt.NDArray[np.float32] | None = None
    error: ImageError | None = None

    def __eq__(self, other: object) -> bool:
        """Whether both say the same of the same image, to the last bit."""
        return isinstance(other, Prediction) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        image = "" if self.path is None else f" {cut(str(self.path), NAME)}"
        return f"<Prediction{image}: {self.words(1)}>"

    @property
    def _value(self) -> tuple[object, ...]:
        scores = None if self.scores is None else self.scores.tobytes()
        return self.path, self.class_names, scores, str(self.error)

    @property
    def probabilities(self) -> npt.NDArray[np.float32]:
        """Probabilities in the order of `class_names`, summing to 1.

        Raises:
            ImageError: The image could not be read.
        """
        if self.scores is None:
            raise self.error or ImageError("This image was not predicted.")
        return self.scores

    @property
    def top(self) -> tuple[tuple[str, float], ...]:
        """Pairs of class name and probability, best first; ImageError as for `probabilities`."""
        order = np.argsort(-self.probabilities, kind="stable")
        return tuple((self.class_names[i], float(self.probabilities[i])) for i in order)

    @property
    def top1(self) -> str:
        """The most probable class; ImageError as for `probabilities`."""
        return self.class_names[int(self.probabilities.argmax())]

    def words(self, top: int) -> str:
        """Return the `top` most probable classes with their probabilities, or the error."""
        if self.error:
            return cut(str(self.error), 4 * NAME)
        return ", ".join(f"{cut(name, NAME)} {percent(p)}" for name, p in self.top[:top])


@dataclass(frozen=True, slots=True, repr=False)
class Predictions(Sequence[Prediction]):
    """What a model says of several images, in their order.

    Attributes:
        items: One prediction an image.
        shown_top: How many classes a table shows for each image.

    Example:
        >>> cat = Prediction(Path("1.jpg"), ("cat", "dog"), np.array([0.75, 0.25]))
        >>> predictions = Predictions((cat, Prediction(None, cat.class_names, cat.scores[::-1])))
        >>> predictions
        <Predictions of 2 images: cat (1), dog (1)>
        >>> predictions[:1]
        <Predictions of 1 image: cat 75.0 %, dog 25.0 %>
        >>> predictions[0].top1
        'cat'
        >>> predictions.to_frame(top=1)
            path predicted  probability error
        0  1.jpg       cat         0.75  None
        1   None       dog         0.75  None
    """

    items: tuple[Prediction, ...]
    shown_top: int = 3

    @overload
    def __getitem__(self, index: int) -> Prediction: ...
    @overload
    def __getitem__(self, index: slice) -> "Predictions": ...
    def __getitem__(self, index: int | slice) -> "Prediction | Predictions":
        if isinstance(index, slice):
            return Predictions(self.items[index], self.shown_top)
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Prediction]:
        return iter(self.items)

    @property
    def failed(self) -> tuple[Prediction, ...]:
        """Those whose image could not be read; `error` says why."""
        return tuple(prediction for prediction in self.items if prediction.error)

    def to_frame(self, top: int | None = None) -> "pd.DataFrame":
        """Return a table with one row an image.

        Its columns are `path`, `predicted` and `probability` (the most probable class),
        `predicted_2` and `probability_2` and so on, and `error`: why the image could not be read.

        Args:
            top: How many classes to name for each image; `shown_top` if not given.
        """
        import pandas as pd

        classes = max((len(prediction.class_names) for prediction in self.items), default=0)
        shown = min(self.shown_top if top is None else top, classes)
        rows = []
        for prediction in self.items:
            pairs = [(None, np.nan)] * shown if prediction.error else prediction.top[:shown]
            rows.append(
                [
                    None if prediction.path is None else str(prediction.path),
                    *(value for pair in pairs for value in pair),
                    None if prediction.error is None else str(prediction.error),
                ]
            )
        endings = ("", *(f"_{rank}" for rank in range(2, shown + 1)))[:shown]
        ranked = (f"{name}{end}" for end in endings for name in ("predicted", "probability"))
        return pd.DataFrame(rows, columns=["path", *ranked, "error"], dtype=object).astype(
            {f"probability{end}": "float64" for end in endings}
        )

    def __repr__(self) -> str:
        if len(self.items) == 1:
            return f"<Predictions of 1 image: {self.items[0].words(self.shown_top)}>"
        counts = Counter(prediction.top1 for prediction in self.items if not prediction.error)
        parts = [f"{cut(name, NAME)} ({n:,})" for name, n in counts.most_common(SHOWN_CLASSES)]
        if len(counts) > SHOWN_CLASSES:
            parts.append(f"{count(len(counts) - SHOWN_CLASSES, 'other class', 'other classes')}")
        if self.failed:
            parts.append(f"{len(self.failed):,} not read")
        return f"<Predictions of {count(len(self.items), 'image')}: {', '.join(parts) or 'none'}>"

    def _repr_html_(self) -> str:
        rows = [
            (str(i) if p.path is None else cut(str(p.path), NAME), p.words(self.shown_top))
            for i, p in enumerate(self.items[:SHOWN_ROWS])
        ]
        if len(self.items) > SHOWN_ROWS:
            rows.append(("...", f"{len(self.items) - SHOWN_ROWS:,} more"))
        body = "".join(
            f"<tr><td>{html.escape(image)}</td><td>{html.escape(words)}</td></tr>"
            for image, words in rows
        )
        return f"<table><tr><th>image</th><th>classes</th></tr>{body}</table>"
