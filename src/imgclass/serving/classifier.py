"""A trained model with what is needed to ask it about an image."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imgclass.data.images.fitting import Fit
from imgclass.errors import RunError
from imgclass.models.metadata import read_metadata
from imgclass.models.saved import load_model
from imgclass.serving.prediction import ImageLike, Prediction, predict


@dataclass(frozen=True, slots=True)
class Classifier:
    """A model file, and how images are brought to it.

    Attributes:
        path: The `.keras` file.
        class_names: Names of the model's outputs, in order.
        image_size: `(height, width)` in pixels that the model takes.
        fit: How an image is brought to that size: `stretch`, `crop` or `pad`.
        tta: Whether a prediction is the mean over an image and its mirror image.
        modules: What to import before the file is loaded, beside what it says itself.

    Example:
        >>> Classifier.load("no/model.keras")
        Traceback (most recent call last):
        imgclass.errors.RunError: Expected a model that Keras saved; ...
    """

    path: Path
    class_names: tuple[str, ...]
    image_size: tuple[int, int]
    fit: Fit = "stretch"
    tta: bool = False
    modules: tuple[str, ...] = ()

    @property
    def model(self) -> Any:
        """The `keras.Model`, read when it is asked for, and again when the file was replaced."""
        return load_model(self.path, modules=self.modules)

    def predict(self, images: ImageLike | Iterable[ImageLike]) -> list[Prediction]:
        """Return one prediction an image, in order.

        Args:
            images: Paths, uint8 RGB arrays `(height, width, 3)`, PIL images, or one of these.
        """
        return predict(
            self.model,
            images,
            class_names=self.class_names,
            image_size=self.image_size,
            fit=self.fit,
            tta=self.tta,
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Classifier":
        """Return the classifier that a model file holds, such as the `model.keras` of a run.

        Raises:
            RunError: It is no model file, or one that does not say its classes.
        """
        file = Path(path).absolute()
        metadata = read_metadata(file)
        if metadata is None:
            raise RunError(
                f"Expected a model file that imgclass wrote, which says its classes; {file} does "
                f"not. Give the run's directory instead."
            )
        return cls(file, metadata.class_names, metadata.image_size, metadata.fit, metadata.tta)
