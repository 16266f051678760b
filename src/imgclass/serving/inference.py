"""Predict: from a trained model and images of any kind to one Prediction an image."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import ceil, log2
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from imgclass.errors import ImageError
from imgclass.images import Resize
from imgclass.images.pixels import Pixels
from imgclass.images.resizing import resize_image
from imgclass.models.mirror_averaging import average_mirrored
from imgclass.serving.inputs import Images, expand, is_one_image, read_pixels
from imgclass.serving.prediction import Prediction, Predictions

LARGEST_BATCH = 64
BATCH_PIXELS = 2**26  # 201 MB; 64 images of 1024 by 1024


def predict(
    model: Any,
    images: Images,
    *,
    class_names: Sequence[str],
    image_size: tuple[int, int],
    resize: Resize = "stretch",
    tta: bool = False,
    top: int = 3,
) -> Predictions:
    """Return one prediction an image, in order, as `Classifier.predict` does.

    The `keras.Model` takes raw RGB 0-255 and gives probabilities. Images are read in batches, so
    that any number of files fits in memory. One among several that cannot be read does not change
    the probabilities of the others.
    """
    names = tuple(class_names)
    remaining = (_Input.of(image, image_size, resize) for image in expand(images))
    largest = _largest_batch(image_size)
    predictions: list[Prediction] = []
    while batch := list(islice(remaining, largest)):
        # Keras compiles for each shape: five images are a batch of eight, and what follows a full
        # batch has its shape.
        rows = largest if predictions else 2 ** ceil(log2(len(batch)))
        scores = _scores(model, batch, (rows, *image_size, 3), tta=tta)
        predictions += [
            _prediction(image, row, names) for image, row in zip(batch, scores, strict=False)
        ]
    result = Predictions(tuple(predictions), top)
    if is_one_image(images) and (error := result[0].error):
        raise error
    return result


@dataclass(frozen=True, slots=True)
class _Input:
    """One image, resized for the model, or why it could not be read."""

    path: Path | None
    pixels: Pixels | ImageError

    @classmethod
    def of(
        cls, image: Path | Pixels | ImageError, image_size: tuple[int, int], resize: Resize
    ) -> "_Input":
        pixels = read_pixels(image)
        if not isinstance(pixels, ImageError):
            pixels = resize_image(pixels, image_size, resize=resize)
        return cls(image if isinstance(image, Path) else None, pixels)


def _largest_batch(image_size: tuple[int, int]) -> int:
    """Return how many images a batch has, a power of two."""
    fitting = max(1, BATCH_PIXELS // (image_size[0] * image_size[1]))
    return min(LARGEST_BATCH, 1 << (fitting.bit_length() - 1))


def _scores(
    model: Any, batch: Sequence[_Input], shape: tuple[int, ...], *, tta: bool
) -> npt.NDArray[np.float32]:
    """Return a batch's probabilities; unread images are black, so that the rest is unchanged."""
    pixels = np.zeros(shape, dtype=np.uint8)
    for row, image in enumerate(batch):
        if not isinstance(image.pixels, ImageError):
            pixels[row] = image.pixels
    if tta:
        return average_mirrored(model.predict_on_batch, pixels)
    return np.asarray(model.predict_on_batch(pixels))


def _prediction(
    image: _Input, scores: npt.NDArray[np.float32], names: tuple[str, ...]
) -> Prediction:
    if isinstance(image.pixels, ImageError):
        return Prediction(image.path, names, error=image.pixels)
    if not np.isfinite(scores).all():
        error = ImageError("The model gave NaN for this image.")
        return Prediction(image.path, names, error=error)
    return Prediction(image.path, names, scores=scores)
