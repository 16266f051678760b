"""Flow and Flows: the batches that a model learns from and is measured on, raw RGB 0-255."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Batch = tuple[npt.NDArray[Any], npt.NDArray[np.float32]]


class Flow(Protocol):
    """Batches of one split, in the form that Keras's `fit` takes (`keras.utils.PyDataset`).

    Attributes:
        paths: The file of each image, in the manifest's order.
        labels: Class indices of shape `(n,)`, in the same order.
        batch_size: Images a batch; the last one may be smaller.
        is_augmented: An image may look different in another epoch, or have a mixed label.
        shows_every_image_once: An epoch has every image once, in any order; not if sampling is
            balanced.
    """

    paths: tuple[Path, ...]
    labels: npt.NDArray[np.int64]
    batch_size: int
    is_augmented: bool
    shows_every_image_once: bool

    def __len__(self) -> int:
        """Count the batches of a pass."""
        ...

    def __getitem__(self, index: int) -> Batch:
        """Return images `(b, height, width, 3)` and labels `(b, classes)`: shares of each class.

        They are one-hot where no images are mixed.
        """
        ...

    def start_epoch(self, epoch: int) -> None:
        """Take the order and the augmentation of `epoch`, counted from 0."""
        ...

    def batch_paths(self, index: int) -> tuple[Path, ...]:
        """Return the files of one batch of the current epoch, in the batch's order."""
        ...


@dataclass(frozen=True, slots=True)
class Flows:
    """The four flows over one data set.

    Attributes:
        train_augmented: The training images, augmented and shuffled: what the model learns from.
        train: The same, clean and in order: what the train accuracy is measured on.
        val: The validation images, clean and in order.
        test: The test images, clean and in order; None if there are none.
        class_names: Names of the label indices.
        image_size: `(height, width)` in pixels.
        root: The data set's folder.
        features: What frozen layers made of the images, kept by `imgclass.features`.

    Example:
        >>> from imgclass import open_flows
        >>> open_flows("no/such/folder")
        Traceback (most recent call last):
        imgclass.errors.DatasetError: ...no/such/folder...
    """

    train_augmented: Flow
    train: Flow
    val: Flow
    test: Flow | None
    class_names: tuple[str, ...]
    image_size: tuple[int, int]
    root: Path
    features: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)
