"""The trainer's own callbacks: each does one thing at one moment of Keras's `fit`."""

import math
import time
from typing import Any

import keras

from imgclass.errors import TrainingError
from imgclass.flows.flow import Flow

Logs = dict[str, Any] | None


class OrderByEpoch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Sets the flow to its order and augmentation of each epoch, also when training resumes."""

    def __init__(self, flow: Flow) -> None:
        super().__init__()
        self.flow = flow

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Start the flow's epoch."""
        del logs
        self.flow.start_epoch(epoch)


class FiniteLoss(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Ends training with an error at the first batch whose loss is not finite.

    Keras goes on with weights that are all NaN, and its TerminateOnNaN ends in silence.
    """

    def __init__(self) -> None:
        super().__init__()
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Remember the epoch for the message."""
        del logs
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Look at the running loss."""
        if logs and not math.isfinite(logs["loss"]):
            raise TrainingError(
                f"Expected a finite loss; received {logs['loss']} in epoch {self.epoch + 1}, "
                f"batch {batch + 1}. Lower the learning rate (--learning-rate), by a factor of 10 "
                f"to begin with; if that does not help, look for broken images or labels."
            )


class BestWeights(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Keeps the weights of the epoch with the best val accuracy, and ends a phase that stalls.

    Keras's EarlyStopping forgets the best of one `fit` when the next begins.

    Args:
        patience: Epochs of one phase without a better val accuracy that end it; None never does.
    """

    def __init__(self, patience: int | None) -> None:
        super().__init__()
        self.patience = patience
        self.epoch, self.accuracy = 0, -math.inf
        self.weights: list[Any] = []
        self.waited = 0

    def on_train_begin(self, logs: Logs = None) -> None:
        """Wait anew in each phase."""
        del logs
        self.waited = 0

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Keep the weights where they are the best so far."""
        accuracy = (logs or {})["val_accuracy"]
        self.waited += 1
        if accuracy > self.accuracy:
            self.epoch, self.accuracy, self.waited = epoch, accuracy, 0
            self.weights = self.model.get_weights()
        elif self.patience and self.waited >= self.patience:
            self.model.stop_training = True

    def on_train_end(self, logs: Logs = None) -> None:
        """Give the model its best weights, which the next phase starts from."""
        del logs
        self.model.set_weights(self.weights)


class EpochClock(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Notes each epoch's wall time and its last learning rate."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self.learning_rates: list[float] = []
        self.started = 0.0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Start the clock."""
        del epoch, logs
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Stop the clock."""
        del epoch, logs
        self.seconds.append(time.perf_counter() - self.started)
        self.learning_rates.append(float(self.model.optimizer.learning_rate))
