"""Classifier: a trained model's file, with what predicting needs to know."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imgclass.errors import RunError
from imgclass.formatting import shown_value
from imgclass.images import Resize
from imgclass.images.limits import require_modest_size
from imgclass.models.metadata import read_metadata
from imgclass.models.model_file import check_model, load_model
from imgclass.serving.inference import predict, predict_each
from imgclass.serving.inputs import Images, expand
from imgclass.serving.prediction import Prediction, Predictions


@dataclass(frozen=True, slots=True)
class Classifier:
    """A trained model's file, with what predicting needs to know.

    Attributes:
        path: The `.keras` file.
        class_names: Names of the model's outputs, in order.
        image_size: `(height, width)` in pixels that the model takes.
        resize: How images are resized to it: `stretch`, `crop` or `pad`.
        tta: Whether a prediction is the mean over an image and its mirror image.
        modules: Modules to import before loading, beside those that the file names.
        trust: Whether the file is loaded unchecked; it may run code of whoever made it.

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
        """The `keras.Model`; the file is read on first use, and again after it was replaced.

        Raises:
            ModelFileError: The file breaks a rule that keeps files from strangers harmless.
            RunError: Keras cannot load it, or its image size or number of classes is another.
        """
        model = load_model(self.path, modules=self.modules, trust=self.trust)
        _require_same_shape(model, self)
        return model

    def check(self) -> None:
        """Check the file as `model` does, but without importing Keras, which takes seconds.

        Raises:
            ModelFileError: It breaks a rule that keeps files from strangers harmless.
            PluginError: The package that provides its architecture is not installed.
        """
        if not self.trust:
            check_model(self.path, modules=self.modules)

    def predict(self, images: Images, *, top: int = 3) -> Predictions:
        """Return one prediction an image, in order.

        Arrays are `(height, width)` or `(height, width, channels)`, or a batch of the latter; one
        channel is grey, three are RGB, four RGBA. Integers mean 0-255. Floats mean 0-1 if the
        largest is at most 1, else 0-255; they are rounded to 8 bits. Refused are other ranges, a
        largest value between 1 and 2, NaN, and floats of both ranges in one call.

        Args:
            images: A path, a PIL image or an array; or several: a list of these, a folder (its
                images at any depth, sorted by path), a batch `(n, height, width, channels)`, a
                pandas column of paths, or a data set of Keras or tf.data (its labels are ignored).
            top: How many classes the result's table shows for each image.

        Raises:
            ImageError: The only image given cannot be read. Among several, its prediction has
                `error` set, and the others are predicted.
            UsageError: No image was given, or nothing of the above.
            ModelFileError: The model breaks a rule that keeps files from strangers harmless.
            RunError: The model cannot be loaded.
        """
        return predict(
            self.model,
            images,
            class_names=self.class_names,
            image_size=self.image_size,
            resize=self.resize,
            tta=self.tta,
            top=top,
        )

    def predict_each(self, images: Images, *, after: int = 0) -> Iterator[Prediction]:
        """Yield one prediction an image, in order: `predict` for more images than fit in memory.

        Files are read while the model predicts those before them. An image that cannot be read has
        `error` set, even if it is the only one.

        Args:
            images: As in `predict`; an iterator is read as predictions are asked for.
            after: How many images were predicted before these, by an earlier call for the same
                images. If that is a whole number of batches (`imgclass.serving.batches`), the
                probabilities are, to the last digit, those of one call for all.

        Raises:
            UsageError: No image was given, or nothing that `predict` takes.
            ModelFileError: The model breaks a rule that keeps files from strangers harmless.
            RunError: The model cannot be loaded.
        """
        return predict_each(
            self.model,
            expand(images),
            class_names=self.class_names,
            image_size=self.image_size,
            resize=self.resize,
            tta=self.tta,
            after=after,
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, trust: bool = False) -> "Classifier":
        """Read the classifier in a model file, such as the `model.keras` of a run.

        Args:
            path: The file.
            trust: Whether to load it unchecked; it may run code of whoever made it.

        Raises:
            RunError: It is no model file, or imgclass did not write it.
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
    """Refuse a model of another image size or number of classes."""
    takes, gives = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    classes = len(asked.class_names)
    if not (_fits(takes, (*asked.image_size, 3)) and _fits(gives, (classes,))):
        height, width = asked.image_size
        raise RunError(
            f"Expected a model that takes images of ({height}, {width}) pixels and gives "
            f"{classes:,} classes; {asked.path} takes {shown_value(takes)} and gives "
            f"{shown_value(gives)}. It may belong to another run."
        )


def _fits(shape: Any, expected: tuple[int, ...]) -> bool:
    """Return whether a shape is `(batch, *expected)`; None fits every number."""
    return (
        isinstance(shape, tuple)
        and len(shape) == 1 + len(expected)
        and all(side in (None, one) for side, one in zip(shape[1:], expected, strict=True))
    )
