"""The batches of an epoch: in that epoch's order, and without those that were learned already."""

import keras

from imgclass.flows.flow import Batch, Flow
from imgclass.training.logs import Logs


class OrderByEpoch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Gives the flow the order and augmentation of each epoch, also when training resumes."""

    def __init__(self, flow: Flow) -> None:
        super().__init__()
        self.flow = flow

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Start the flow's epoch."""
        del logs
        self.flow.start_epoch(epoch)


class RestOfEpoch(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """A flow without its first batches.

    Args:
        flow: The flow, a `keras.utils.PyDataset`; its epochs are started on the flow itself.
        first: How many batches are left out.

    Example:
        >>> from pathlib import Path
        >>> import numpy as np
        >>> from imgclass.flows.cached import CachedFlow
        >>> files = [Path("1.png"), Path("2.png"), Path("3.png")]
        >>> images, labels = np.zeros((3, 8, 8, 3), np.uint8), np.array([0, 1, 1])
        >>> flow = CachedFlow(images, labels, paths=files, num_classes=2, batch_size=2)
        >>> [len(labels) for _, labels in RestOfEpoch(flow, 1)]
        [1]
    """

    def __init__(self, flow: Flow, first: int) -> None:
        workers = ("workers", "use_multiprocessing", "max_queue_size")
        super().__init__(**{name: getattr(flow, name) for name in workers})
        self.flow, self.first = flow, first

    def __len__(self) -> int:
        """Return the number of batches that are left."""
        return len(self.flow) - self.first

    def __getitem__(self, index: int) -> Batch:
        """Return one of them."""
        if not 0 <= index < len(self):
            raise IndexError(f"Expected a batch below {len(self)}; received {index}.")
        return self.flow[self.first + index]
