"""Predict: from a trained model and images of any kind to one Prediction an image."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
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
from imgclass.serving.batches import batch_size
from imgclass.serving.inputs import Images, expand, is_one_image, read_pixels
from imgclass.serving.prediction import Prediction, Predictions
from imgclass.serving.reading_ahead import read_ahead


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

    The `keras.Model` takes raw RGB 0-255 and gives probabilities. One image among several that
    cannot be read does not change the probabilities of the others.
    """
    each = predict_each(
        model,
        expand(images),
        class_names=class_names,
        image_size=image_size,
        resize=resize,
        tta=tta,
    )
    result = Predictions(tuple(each), top)
    if is_one_image(images) and (error := result[0].error):
        raise error
    return result


def predict_each(
    model: Any,
    images: Iterable[Path | Pixels | ImageError],
    *,
    class_names: Sequence[str],
    image_size: tuple[int, int],
    resize: Resize = "stretch",
    tta: bool = False,
    after: int = 0,
) -> Iterator[Prediction]:
    """Yield one prediction an image, in order, with no more than a few batches in memory.

    Args:
        model: As in `predict`.
        images: What `expand` yields.
        class_names: As in `predict`, and so are `image_size`, `resize` and `tta`.
        image_size: `(height, width)` in pixels.
        resize: How images are resized.
        tta: Whether to average over mirror images.
        after: How many images were predicted before these, by an earlier call for the same images.
            If that is a whole number of batches, the probabilities are those of one call for all.
    """
    names, largest = tuple(class_names), batch_size(model, image_size)
    read = partial(_Input.of, image_size=image_size, resize=resize)
    remaining = read_ahead(images, read, ahead=2 * largest)
    begun = after > 0
    while batch := list(islice(remaining, largest)):
        # Keras compiles for each shape: five images are a batch of eight, and what follows a full
        # batch has its shape.
        rows = largest if begun else 2 ** ceil(log2(len(batch)))
        scores = _scores(model, batch, (rows, *image_size, 3), tta=tta)
        begun = True
        for image, row in zip(batch, scores, strict=False):
            yield _prediction(image, row, names)


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
