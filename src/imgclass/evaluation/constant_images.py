"""Images of one colour among those that are scored: there is nothing to be seen in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from imgclass.flows.flow import Flow

# Levels of 0-255 between the darkest and the brightest pixel of an image of one colour: what JPEG
# leaves of a plain surface.
RANGE = 8
STEP = 4  # every so many rows and columns are looked at first; few images are plain in these
IMAGE_RANK = 4  # of a batch of images
SAMPLE = 256  # images, where not all are seen


@dataclass(frozen=True, slots=True)
class ConstantImages:
    """How many images of a split are of one colour, or nearly.

    Attributes:
        n: Images that were looked at.
        by_class: For each class that has such images: their number, and that of all its images
            that were looked at.

    Raises:
        ValueError: The numbers contradict each other.

    Example:
        >>> ConstantImages(200, {"cat": (3, 90), "dog": (1, 110)}).count
        4
    """

    n: int
    by_class: Mapping[str, tuple[int, int]] = field(hash=False)

    def __post_init__(self) -> None:
        fits = all(0 < some <= of for some, of in self.by_class.values())
        if not fits or sum(of for _, of in self.by_class.values()) > self.n:
            raise ValueError(f"expected at most as many images as there are; received {self}.")

    @property
    def count(self) -> int:
        """Images of one colour."""
        return sum(some for some, _ in self.by_class.values())

    @property
    def lost(self) -> float:
        """Share of the images, in 0-1, that cannot be right: of equal ones only one class can."""
        largest = max((some for some, _ in self.by_class.values()), default=0)
        return (self.count - largest) / self.n


def constant_among(
    labels: npt.NDArray[np.int64], is_plain: npt.NDArray[np.bool_], class_names: tuple[str, ...]
) -> ConstantImages:
    """Count the images of one colour by their class.

    Args:
        labels: Class indices `(n,)`.
        is_plain: Whether each is of one colour, `(n,)`.
        class_names: Names of the indices.

    Example:
        >>> constant_among(np.array([0, 0, 1]), np.array([True, False, False]), ("cat", "dog"))
        ConstantImages(n=3, by_class={'cat': (1, 2)})
    """
    some, of = (
        np.bincount(rows, minlength=len(class_names)) for rows in (labels[is_plain], labels)
    )
    return ConstantImages(
        len(labels), {class_names[i]: (int(some[i]), int(of[i])) for i in np.flatnonzero(some)}
    )


def are_plain(images: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Return which images `(n, height, width, channels)` in 0-255 are of one colour, or nearly.

    Example:
        >>> images = np.zeros((2, 8, 8, 3), np.uint8)
        >>> images[1, :4] = 255
        >>> are_plain(images)
        array([ True, False])
    """
    if np.ndim(images) != IMAGE_RANK:  # features of images
        return np.zeros(len(images), bool)
    plain = _spans(images[:, ::STEP, ::STEP]) <= RANGE
    plain[plain] = _spans(images[plain]) <= RANGE
    return plain


def look_at_sample(flow: Flow, class_names: tuple[str, ...]) -> ConstantImages:
    """Count the images of one colour in batches from all over a flow."""
    wanted = min(len(flow), -(-SAMPLE // flow.batch_size))
    batches = [flow[int(i)] for i in np.linspace(0, len(flow) - 1, wanted)]
    labels = np.concatenate([one_hot.argmax(axis=1) for _, one_hot in batches])
    plain = np.concatenate([are_plain(np.asarray(images)) for images, _ in batches])
    return constant_among(labels, plain, class_names)


def _spans(images: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return each image's largest difference between two pixels in one channel."""
    if not len(images):
        return np.zeros(0)
    spans: npt.NDArray[Any] = np.ptp(images, axis=(1, 2)).max(axis=1)
    return spans
