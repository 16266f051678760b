"""The architecture under test, with small specs and images for it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import keras
import numpy as np

from imgclass.errors import ImgclassError
from imgclass.models.spec import Architecture, ArchitectureInfo, ModelSpec
from imgclass.training.hardware import building

NUM_CLASSES = 3
SMALLEST_SIDE = 8
# Enough to learn a few images, and quick to build.
WIDTH = 16


class ConformanceError(ImgclassError, AssertionError):
    """An architecture breaks a promise."""


def expect(kept: object, message: str) -> None:
    """Raise a ConformanceError unless a promise is kept."""
    if not kept:
        raise ConformanceError(message)


@dataclass(frozen=True, slots=True)
class Subject:
    """An architecture with its description.

    Attributes:
        builder: The architecture.
        info: Its description; knobs that it does not have are not checked.
    """

    builder: Architecture
    info: ArchitectureInfo

    def spec(self, **knobs: Any) -> ModelSpec:
        """Return a small spec; its images are not square, to notice swapped sides."""
        side = max(self.info.minimum_size, SMALLEST_SIDE)
        small = {
            "image_size": (side, side + 4),
            "depth": self.info.depth,
            "width": self.info.width and min(self.info.width, WIDTH),
        }
        return ModelSpec(**(small | knobs))

    def build(
        self, *, num_classes: int = NUM_CLASSES, precision: str = "float32", **knobs: Any
    ) -> keras.Model:
        """Build a small model, with the same weights each time."""
        with building(precision=precision, seed=0):
            return self.builder(self.spec(**knobs), num_classes)

    def model(self) -> keras.Model:
        """Return the small model with default knobs, built once: do not change it."""
        return _built_once(self)

    def images(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Return raw float32 images `(6, height, width, 3)`, a colour per class, and labels."""
        height, width, _ = self.spec().input_shape()
        labels = np.arange(2 * NUM_CLASSES) % NUM_CLASSES
        noise = np.random.default_rng(0).integers(0, 256, (len(labels), height, width, 3))
        colour = 255 * np.eye(3)[labels][:, None, None]
        return ((noise + 2 * colour) / 3).astype("float32"), labels


# An architecture's checks follow each other, and building takes most of their time.
@lru_cache(maxsize=1)
def _built_once(subject: Subject) -> keras.Model:
    return subject.build()
