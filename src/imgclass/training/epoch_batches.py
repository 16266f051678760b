"""The batches of an epoch without those that were learned already."""

import keras

from imgclass.flows.flow import Batch, Flow


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
