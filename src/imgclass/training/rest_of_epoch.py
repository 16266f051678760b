"""The batches of one epoch that are left, where those before them were learned already."""

import keras

from imgclass.flows.flow import Batch, Flow


class RestOfEpoch(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """A flow without its first batches.

    Args:
        flow: The flow, a `keras.utils.PyDataset`; who starts its epochs goes on doing so.
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
