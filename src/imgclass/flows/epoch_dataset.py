"""What both pipelines' flows share: a Keras data set that knows which epoch it is in."""

from abc import abstractmethod

import keras

from imgclass.errors import ImgclassError
from imgclass.flows.flow import Batch


class EpochDataset(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """A `keras.utils.PyDataset` that goes from epoch to epoch by Keras's `fit`, or as it is told.

    Keras's `fit` ends an epoch before the first one has begun; that one is not counted, so that
    `fit` alone trains on the same batches as calls of `start_epoch` with 0, 1, 2 ...

    Attributes:
        epoch: The epoch that batches belong to, counted from 0.
        failure: The error that a batch ended in, for `raising_failures`; None where none did.
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
        """Return one batch of the epoch; `index` is within the pass."""

    def __getitem__(self, index: int) -> Batch:
        """Return images `(b, height, width, 3)`, raw RGB 0-255, and one-hot labels `(b, classes)`.

        Raises:
            IndexError: There is no such batch.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"Expected a batch below {len(self)}; received {index}.")
        try:
            return self.batch(index)
        except ImgclassError as failure:
            self.failure = failure
            raise

    def start_epoch(self, epoch: int) -> None:
        """Set the order and the augmentation to those of `epoch`, counted from 0."""
        self.epoch = epoch
        self.plan_epoch(epoch)

    def on_epoch_begin(self) -> None:
        """Note that an epoch runs; Keras calls this."""
        self._has_begun = True

    def on_epoch_end(self) -> None:
        """Go on to the next epoch; Keras calls this."""
        if self._has_begun:
            self._has_begun = False
            self.start_epoch(self.epoch + 1)
