"""Predictions of image files, one after the other, in this process or in another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imgclass.serving import Classifier, Prediction

# Images that one other process predicts: it takes seconds to start, and its answer is read as a
# whole. It is a whole number of batches of any size.
ISOLATED = 4096


@dataclass(frozen=True, slots=True)
class Predictor:
    """Predicts image files.

    Attributes:
        classifier: The model.
        isolate: Whether another process loads it and predicts.
    """

    classifier: "Classifier"
    isolate: bool = False

    def batch_size(self) -> int:
        """Return after how many images a prediction can be cut in two; this may load the model."""
        from imgclass.serving.batches import batch_size
        from imgclass.training.backend import load_keras_quietly

        if self.isolate:
            return ISOLATED
        load_keras_quietly()
        return batch_size(self.classifier.model, self.classifier.image_size)

    def predictions(self, images: Sequence[str], *, start: int = 0) -> Iterator["Prediction"]:
        """Yield the predictions of the images from `start` on, where a batch begins."""
        from imgclass.serving import predict_isolated
        from imgclass.training.backend import load_keras_quietly

        files = map(Path, islice(images, start, None))
        if not self.isolate:
            load_keras_quietly()
            yield from self.classifier.predict_each(files, after=start)
            return
        while chunk := list(islice(files, ISOLATED)):
            yield from predict_isolated(self.classifier, chunk)
