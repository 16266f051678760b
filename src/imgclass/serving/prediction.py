"""Predict: a trained model and images of any kind to one Prediction an image, in order."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from math import ceil, log2
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from imgclass.errors import ImageError
from imgclass.images.decoding import read_image
from imgclass.images.pixels import Pixels, rgb_pixels
from imgclass.images.resizing import Resize, resize_image
from imgclass.models.mirror_averaging import average_mirrored

ImageLike = str | os.PathLike[str] | npt.NDArray[np.uint8] | Image.Image
LARGEST_BATCH = 64
BATCH_PIXELS = 2**26  # 201 MB; 64 images of 1024 by 1024
IMAGE_DIMENSIONS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What a model says of one image, or why it could not be read.

    Attributes:
        path: The image's file; None for an array or a PIL image.
        class_names: Names of the probabilities.
        scores: Probabilities of shape `(len(class_names),)`; None where `error` is set.
        error: Why the image could not be read.

    Example:
        >>> Prediction(None, ("cat", "dog"), np.array([0.25, 0.75])).top
        (('dog', 0.75), ('cat', 0.25))
    """

    path: Path | None
    class_names: tuple[str, ...]
    scores: npt.NDArray[np.float32] | None = None
    error: ImageError | None = None

    def __eq__(self, other: object) -> bool:
        """Whether two predictions say the same of the same image, to the last bit."""
        return isinstance(other, Prediction) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

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


def predict(
    model: Any,
    images: ImageLike | Iterable[ImageLike],
    *,
    class_names: Sequence[str],
    image_size: tuple[int, int],
    resize: Resize = "stretch",
    tta: bool = False,
) -> list[Prediction]:
    """Return one prediction an image, in order.

    Images are read in batches, so that any number of files fits in memory. One that cannot be read
    has `error` set, and changes no other image's probabilities.

    Args:
        model: A `keras.Model` from raw RGB 0-255 to probabilities.
        images: Paths, uint8 arrays `(height, width, 3)` in 0-255, PIL images, or one of these.
        class_names: Names of the model's outputs, in order.
        image_size: `(height, width)` that the model takes.
        resize: What happens to the aspect ratio.
        tta: Whether to average over an image and its mirror image, for twice the time.
    """
    names, remaining = tuple(class_names), iter(_one_or_many(images))
    largest = _largest_batch(image_size)
    predictions: list[Prediction] = []
    while batch := list(islice(remaining, largest)):
        # Keras compiles for each shape that it meets: one image is a batch of one, five are one of
        # eight, and what follows a full batch has its shape.
        rows = largest if predictions else 2 ** ceil(log2(len(batch)))
        read = [_read(image, image_size, resize) for image in batch]
        scores = _scores(model, read, (rows, *image_size, 3), tta=tta)
        predictions += [
            _prediction(*each, names) for each in zip(batch, read, scores, strict=False)
        ]
    return predictions


def _largest_batch(image_size: tuple[int, int]) -> int:
    """Return a power of two: as many images as are predicted at once."""
    fitting = max(1, BATCH_PIXELS // (image_size[0] * image_size[1]))
    return min(LARGEST_BATCH, 1 << (fitting.bit_length() - 1))


def _one_or_many(images: ImageLike | Iterable[ImageLike]) -> Iterable[ImageLike]:
    if isinstance(images, str | os.PathLike | Image.Image):
        return (images,)
    if isinstance(images, np.ndarray) and images.ndim <= IMAGE_DIMENSIONS:
        return (images,)
    return images


def _scores(
    model: Any, read: Sequence[Pixels | ImageError], shape: tuple[int, ...], *, tta: bool
) -> npt.NDArray[np.float32]:
    """Return the probabilities of a batch, in which images that could not be read are black.

    So the others are computed exactly as they would be without them.
    """
    pixels = np.zeros(shape, dtype=np.uint8)
    for row, item in enumerate(read):
        if not isinstance(item, ImageError):
            pixels[row] = item
    if tta:
        return average_mirrored(model.predict_on_batch, pixels)
    return np.asarray(model.predict_on_batch(pixels))


def _prediction(
    image: ImageLike,
    read: Pixels | ImageError,
    scores: npt.NDArray[np.float32],
    names: tuple[str, ...],
) -> Prediction:
    path = Path(image) if isinstance(image, str | os.PathLike) else None
    if isinstance(read, ImageError):
        return Prediction(path, names, error=read)
    if not np.isfinite(scores).all():
        return Prediction(path, names, error=ImageError("The model gave NaN for this image."))
    return Prediction(path, names, scores=scores)


def _read(image: ImageLike, image_size: tuple[int, int], resize: Resize) -> Pixels | ImageError:
    try:
        return resize_image(_pixels(image), image_size, resize=resize)
    except ImageError as error:
        return error


def _pixels(image: ImageLike) -> Pixels:
    if isinstance(image, str | os.PathLike):
        return read_image(image)
    if isinstance(image, Image.Image):
        return _picture(image)
    if isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.shape[2:] == (3,):
        return image
    received = getattr(image, "dtype", type(image).__name__), getattr(image, "shape", "")
    raise ImageError(
        f"Expected a path, a PIL image or a uint8 array (height, width, 3) in 0-255; "
        f"received {received[0]} {received[1]}."
    )


def _picture(image: Image.Image) -> Pixels:
    try:
        return rgb_pixels(image)
    except Exception as error:  # Pillow reads late, and raises whatever it likes on damaged files.
        raise ImageError(f"Expected a whole PIL image; it could not be read: {error}.") from error
