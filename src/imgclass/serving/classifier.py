"""A trained model with what is needed to ask it about an image."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imgclass.errors import RunError
from imgclass.formatting import shown_value
from imgclass.images.limits import require_modest_size
from imgclass.images.resizing import Resize
from imgclass.models.metadata import read_metadata
from imgclass.models.model_file import check_model, load_model
from imgclass.serving.prediction import ImageLike, Prediction, predict


@dataclass(frozen=True, slots=True)
class Classifier:
    """A model file, and how images are brought to it.

    Attributes:
        path: The `.keras` file.
        class_names: Names of the model's outputs, in order.
        image_size: `(height, width)` in pixels that the model takes.
        resize: How an image is brought to that size: `stretch`, `crop` or `pad`.
        tta: Whether a prediction is the mean over an image and its mirror image.
        modules: What to import before the file is loaded, beside what it says itself.
        trust: Whether the file is loaded without checking it; it may run code of whoever made it.

    Example:
        >>> Classifier.load("no/model.keras")
        Traceback (most recent call last):
        imgclass.errors.RunError: Expected a model that Keras saved; ...
    """

    path: Path
    class_names: tuple[str, ...]
    image_size: tuple[int, int]
    resize: Resize = "stretch"
    tta: bool = False
    modules: tuple[str, ...] = ()
    trust: bool = False

    @property
    def model(self) -> Any:
        """The `keras.Model`, read when it is asked for, and again when the file was replaced.

        Raises:
            ModelFileError: The file breaks a rule that keeps files from strangers harmless.
            RunError: Keras cannot read it, or it takes other images or gives other classes.
        """
        model = load_model(self.path, modules=self.modules, trust=self.trust)
        _require_same_shape(model, self)
        return model

    def check(self) -> None:
        """Check the file as `model` does, without importing Keras, which takes seconds.

        Raises:
            ModelFileError: It breaks a rule that keeps files from strangers harmless.
            PluginError: The package that its architecture comes from is not installed.
        """
        if not self.trust:
            check_model(self.path, modules=self.modules)

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
            resize=self.resize,
            tta=self.tta,
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, trust: bool = False) -> "Classifier":
        """Return the classifier that a model file holds, such as the `model.keras` of a run.

        Args:
            path: The file.
            trust: Whether to load it without checking it; it may run code of whoever made it.

        Raises:
            RunError: It is no model file, or one that does not say its classes.
        """
        file = Path(path).absolute()
        metadata = read_metadata(file, trust=trust)
        if metadata is None:
            raise RunError(
                f"Expected a model file that imgclass wrote, which says its classes; {file} does "
                f"not. Give the run's directory instead."
            )
        try:
            require_modest_size(metadata.image_size)
        except ValueError as error:
            raise RunError(f"The model {file} is damaged: {error}") from error
        return cls(
            file,
            metadata.class_names,
            metadata.image_size,
            metadata.resize,
            metadata.tta,
            trust=trust,
        )


def _require_same_shape(model: Any, asked: Classifier) -> None:
    """Refuse a model that does not belong to the classes and the image size beside it."""
    takes, gives = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    classes = len(asked.class_names)
    if not (_fits(takes, (*asked.image_size, 3)) and _fits(gives, (classes,))):
        height, width = asked.image_size
        raise RunError(
            f"Expected a model that takes images of ({height}, {width}) pixels and gives "
            f"{classes:,} classes, as is said beside it; {asked.path} takes "
            f"{shown_value(takes)} and gives {shown_value(gives)}. It may belong to another run."
        )


def _fits(shape: Any, expected: tuple[int, ...]) -> bool:
    """Return whether a shape is `(batch, *expected)`; a model may leave its sides open."""
    return (
        isinstance(shape, tuple)
        and len(shape) == 1 + len(expected)
        and all(side in (None, one) for side, one in zip(shape[1:], expected, strict=True))
    )
