"""Test-time augmentation: the mean prediction for an image and its mirror image."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt


def average_mirrored(
    predict_batch: Callable[[Any], Any], images: npt.NDArray[Any]
) -> npt.NDArray[np.float32]:
    """Return the mean of the predictions `(n, classes)` for images and for their mirror images.

    Source: Krizhevsky, Sutskever and Hinton, *ImageNet Classification with Deep Convolutional
    Neural Networks*, 2012, average over crops and their mirror images.

    Example:
        >>> images = np.array([[[[0.0], [1.0]]]])
        >>> average_mirrored(lambda batch: batch[:, 0, :, 0], images)
        array([[0.5, 0.5]])
    """
    straight, mirrored = (np.asarray(predict_batch(b)) for b in (images, images[:, :, ::-1]))
    mean: npt.NDArray[np.float32] = (straight + mirrored) / 2
    return mean
