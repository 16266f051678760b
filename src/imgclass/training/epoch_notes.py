"""The epoch that runs, with its time, and the list of the epochs that are over."""

import time

import keras

from imgclass.training.best_weights import BestWeights
from imgclass.training.history import Epoch
from imgclass.training.logs import Logs, read_epoch
from imgclass.training.watch import Watch


class EpochClock(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Knows which epoch runs, and for how long it has run.

    Attributes:
        phase: The phase that runs, counted from 1.
        first: Number of the first epoch that ran, counted from 0: more than 0 if a callback
            continued an earlier training.
        epoch: Number of the epoch that runs, or of the last one; None before the first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.phase = 1
        self.first = 0
        self.epoch: int | None = None
        self._started = 0.0

    @property
    def following(self) -> int:
        """Number of the next epoch."""
        return 0 if self.epoch is None else self.epoch + 1

    @property
    def seconds(self) -> float:
        """How long the epoch has run so far."""
        return time.perf_counter() - self._started

    def resume(self, epoch: int, *, first: int, phase: int) -> None:
        """Continue an earlier training; `epoch` is the number of the next epoch."""
        self.epoch, self.first, self.phase = epoch - 1 if epoch else None, first, phase

    def add_seconds(self, seconds: float) -> None:
        """Add the time that the epoch took before the training was interrupted."""
        self._started -= seconds

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Start the clock."""
        del logs
        if self.epoch is None:
            self.first = epoch
        self.epoch, self._started = epoch, time.perf_counter()

    def read(self, logs: Logs) -> Epoch:
        """Return the epoch that runs; values that the logs do not have are NaN."""
        return read_epoch(logs, self.model.optimizer, seconds=self.seconds, phase=self.phase)


class EpochNotes(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Keeps a list of the epochs that are over, and tells the watch of each.

    Args:
        clock: Knows the epoch that runs.
        best: Knows whether it is the best.
        watch: Is told of each epoch; None for nobody.
        has_averages: Whether the optimizer keeps averages: the weights that were validated may
            then differ from those that the model has now.

    Attributes:
        epochs: The epochs that are over.
    """

    def __init__(
        self, clock: EpochClock, best: BestWeights, watch: Watch | None, *, has_averages: bool
    ) -> None:
        super().__init__()
        self.clock, self.best, self.watch = clock, best, watch
        self.has_averages = has_averages
        self.epochs: list[Epoch] = []

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Add the epoch to the list, and tell the watch."""
        del epoch
        self.epochs.append(self.clock.read(logs))
        if self.watch is None:
            return
        if self.best.is_new and self.has_averages:
            with self.best.in_model() as model:
                self.watch.epoch_ended(self.epochs[-1], model)
        else:
            self.watch.epoch_ended(self.epochs[-1], self.model if self.best.is_new else None)
