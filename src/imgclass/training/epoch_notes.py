"""From Keras's logs to epochs: what is known while one runs, and the list of whole ones."""

import time
from math import nan
from typing import Any

import keras

from imgclass.training.best_weights import BestWeights
from imgclass.training.history import Epoch
from imgclass.training.logs import FIELDS, Logs
from imgclass.training.watch import Watch


class EpochClock(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Knows which epoch runs and since when.

    Attributes:
        phase: The phase that runs, counted from 1.
        first: Number of the first epoch that ran, counted from 0: more than 0 where a callback
            continues an earlier training.
        epoch: Number of the epoch that runs or was the last; None before the first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.phase = 1
        self.first = 0
        self.epoch: int | None = None
        self._started = 0.0

    @property
    def following(self) -> int:
        """Number of the epoch that comes next."""
        return 0 if self.epoch is None else self.epoch + 1

    @property
    def seconds(self) -> float:
        """How long the epoch has run so far."""
        return time.perf_counter() - self._started

    def go_on(self, epoch: int, *, first: int, phase: int) -> None:
        """Go on where an earlier training stood, before the epoch of this number."""
        self.epoch, self.first, self.phase = epoch - 1 if epoch else None, first, phase

    def turn_back(self, seconds: float) -> None:
        """Count what the epoch took in an earlier training."""
        self._started -= seconds

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Start the clock."""
        del logs
        if self.epoch is None:
            self.first = epoch
        self.epoch, self._started = epoch, time.perf_counter()

    def read(self, logs: Logs) -> Epoch:
        """Return the epoch that runs, with what the logs know of it and NaN elsewhere."""
        logs = logs or {}
        known = {field: float(logs.get(name, nan)) for name, field in FIELDS.items()}
        return Epoch(
            **known,
            learning_rate=_learning_rate(self.model.optimizer),
            seconds=self.seconds,
            phase=self.phase,
            metrics={
                name: float(value)
                for name, value in logs.items()
                if name not in FIELDS and isinstance(value, int | float)
            },
        )


class EpochNotes(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Writes down every whole epoch, and tells whoever watches.

    Args:
        clock: Knows the epoch that runs.
        best: Knows whether it is the best.
        watch: Is told of it; None is nobody.
        has_averages: Whether what was validated may be other than what the model has now.

    Attributes:
        epochs: Those that are over.
    """

    def __init__(
        self, clock: EpochClock, best: BestWeights, watch: Watch | None, *, has_averages: bool
    ) -> None:
        super().__init__()
        self.clock, self.best, self.watch = clock, best, watch
        self.has_averages = has_averages
        self.epochs: list[Epoch] = []

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write the epoch down."""
        del epoch
        self.epochs.append(self.clock.read(logs))
        if self.watch is None:
            return
        if self.best.is_new and self.has_averages:
            with self.best.in_model() as model:
                self.watch.epoch_ended(self.epochs[-1], model)
        else:
            self.watch.epoch_ended(self.epochs[-1], self.model if self.best.is_new else None)


def _learning_rate(optimizer: Any) -> float:
    """Return the rate of the next step; NaN where several optimizers have one each."""
    rate = getattr(optimizer, "learning_rate", nan)
    try:
        return float(keras.ops.convert_to_numpy(rate))
    except (TypeError, ValueError):
        return nan
