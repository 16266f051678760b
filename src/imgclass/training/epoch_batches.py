"""The batches of an epoch as `fit` gets them."""

from collections.abc import Iterator
from typing import Any

import keras

from imgclass.flows.flow import Batch, Flow

PREFETCHED = 2  # batches that are computed while one is learned


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


def without_autotuning(flow: Any) -> Any:
    """Return a flow for `fit`: with TensorFlow a `tf.data.Dataset` of its batches.

    Keras would make one, too, and let TensorFlow tune it. The thread that tunes misses the end of
    an epoch now and then, and TensorFlow waits for it: for as long as the epoch took, at most a
    minute (seen with 2.21; the thread is woken before it can see that it should end). What is
    tuned is the number of batches that are prefetched; two are enough.
    """
    if keras.config.backend() != "tensorflow" or flow.workers > 1 or flow.use_multiprocessing:
        return flow
    import tensorflow as tf

    def batches() -> Iterator[Batch]:
        return (tuple(flow[index]) for index in range(len(flow)))

    signature = tuple(
        tf.TensorSpec((None, *array.shape[1:]), array.dtype) for array in tuple(flow[0])
    )
    options = tf.data.Options()
    options.autotune.enabled = False
    dataset = tf.data.Dataset.from_generator(batches, output_signature=signature)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(len(flow)))
    return dataset.prefetch(PREFETCHED).with_options(options)
