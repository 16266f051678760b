"""A Keras data set that counts its epochs: the base of both pipelines' flows."""

from abc import abstractmethod

import keras

from imgclass.errors import ImgclassError
from imgclass.flows.flow import Batch


class EpochDataset(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """A `keras.utils.PyDataset` whose batches belong to an epoch.

    Keras's `fit` moves on from epoch to epoch. It also ends an epoch before the first one has
    begun; that end is not counted, so that `fit` alone trains on the same batches as calls of
    `start_epoch` with 0, 1, 2 ... `failure` is the error of a batch, for `raising_failures`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.failure: ImgclassError | None = None
        self._has_begun = False
        self.start_epoch(0)

    @abstractmethod
    def plan_epoch(self, epoch: int) -> None:
        """Decide the order and the augmentation of `epoch`."""

    @abstractmethod
    def batch(self, index: int) -> Batch:
        """Return one batch of the current epoch; `index` has been checked."""

    def __getitem__(self, index: int) -> Batch:
        """Return images `(b, height, width, 3)`, RGB 0-255, and labels `(b, classes)`."""
        if not 0 <= index < len(self):
            raise IndexError(f"Expected a batch below {len(self)}; received {index}.")
        try:
            return self.batch(index)
        except ImgclassError as failure:
            self.failure = failure
            raise

    def start_epoch(self, epoch: int) -> None:
        """Set the epoch, counted from 0."""
        self.epoch = epoch
        self.plan_epoch(epoch)

    def on_epoch_begin(self) -> None:
        """Note that an epoch has begun, for Keras."""
        self._has_begun = True

    def on_epoch_end(self) -> None:
        """Go on to the next epoch, for Keras."""
        if self._has_begun:
            self._has_begun = False
            self.start_epoch(self.epoch + 1)
