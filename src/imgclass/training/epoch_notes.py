"""The epoch that runs, with its time, and the epochs that are over."""

import time

import keras

from imgclass.training.best_weights import BestWeights
from imgclass.training.history import Epoch
from imgclass.training.logs import Logs, read_epoch
from imgclass.training.watch import Watch


class EpochClock(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Knows which epoch runs, and for how long it has run.

    Attributes:
        phase: The phase that runs, from 1.
        first: The first epoch that ran: above 0 if a callback continued a training.
        epoch: The running or last epoch, from 0; None before the first.
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
        """Its time so far."""
        return time.perf_counter() - self._started

    def resume(self, epoch: int, *, first: int, phase: int) -> None:
        """Continue an earlier training with `epoch` as the next."""
        self.epoch, self.first, self.phase = epoch - 1 if epoch else None, first, phase

    def add_seconds(self, seconds: float) -> None:
        """Add the time that the epoch took before an interruption."""
        self._started -= seconds

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Start the clock."""
        del logs
        if self.epoch is None:
            self.first = epoch
        self.epoch, self._started = epoch, time.perf_counter()

    def read(self, logs: Logs) -> Epoch:
        """Return the epoch that runs, with NaN for what the logs lack."""
        return read_epoch(logs, self.model.optimizer, seconds=self.seconds, phase=self.phase)


class EpochNotes(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Lists the epochs that are over, and tells the watch of each.

    An optimizer that averages may leave other weights in the model than those validated.
    """

    def __init__(
        self, clock: EpochClock, best: BestWeights, watch: Watch | None, *, has_averages: bool
    ) -> None:
        super().__init__()
        self.clock, self.best, self.watch = clock, best, watch
        self.has_averages = has_averages
        self.epochs: list[Epoch] = []

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """List the epoch, and tell the watch."""
        del epoch
        self.epochs.append(self.clock.read(logs))
        if self.watch is None:
            return
        if self.best.is_new and self.has_averages:
            with self.best.in_model() as model:
                self.watch.epoch_ended(self.epochs[-1], model)
        else:
            self.watch.epoch_ended(self.epochs[-1], self.model if self.best.is_new else None)
