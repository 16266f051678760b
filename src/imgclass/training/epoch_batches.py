"""The batches of an epoch: in its order, and without those that were learned already."""

import keras

from imgclass.flows.flow import Batch, Flow
from imgclass.training.logs import Logs


class OrderByEpoch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Gives the flow each epoch's order and augmentation, also when training resumes."""

    def __init__(self, flow: Flow) -> None:
        super().__init__()
        self.flow = flow

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Start the flow's epoch."""
        del logs
        self.flow.start_epoch(epoch)


class RestOfEpoch(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """A flow without its `first` batches; epochs are started on the flow itself."""

    def __init__(self, flow: Flow, first: int) -> None:
        workers = ("workers", "use_multiprocessing", "max_queue_size")
        super().__init__(**{name: getattr(flow, name) for name in workers})
        self.flow, self.first = flow, first

    def __len__(self) -> int:
        return len(self.flow) - self.first

    def __getitem__(self, index: int) -> Batch:
        if not 0 <= index < len(self):
            raise IndexError(f"Expected a batch below {len(self)}; received {index}.")
        return self.flow[self.first + index]
