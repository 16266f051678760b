"""The trainer's own small callbacks: each does one thing at one moment of Keras's `fit`."""

import keras

from imgclass.flows.flow import Flow
from imgclass.training.interrupts import Interrupts
from imgclass.training.logs import Logs


class OrderByEpoch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Sets the flow to its order and augmentation of each epoch, also when training resumes."""

    def __init__(self, flow: Flow) -> None:
        super().__init__()
        self.flow = flow

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Start the flow's epoch."""
        del logs
        self.flow.start_epoch(epoch)


class AnswerInterrupts(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Ends training with an error at the end of the batch in which a signal came."""

    def __init__(self, interrupts: Interrupts) -> None:
        super().__init__()
        self.interrupts = interrupts
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Remember the epoch for the message."""
        del logs
        self.epoch = epoch
        self.interrupts.raise_if_received(f"before epoch {epoch + 1}")

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Answer after a training step."""
        del logs
        self.interrupts.raise_if_received(f"in epoch {self.epoch + 1}, after batch {batch + 1}")

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Answer after a batch of validation."""
        del batch, logs
        self.interrupts.raise_if_received(f"in the validation of epoch {self.epoch + 1}")
