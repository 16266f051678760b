"""A callback that ends a training in time, with its learning rate at the end of the schedule."""

import time
from dataclasses import dataclass

import keras

from imgclass.training.logs import Logs
from imgclass.training.optimizers import single_optimizers


@dataclass(frozen=True, slots=True)
class Deadline:
    """When the steps of a training have to end.

    Attributes:
        at: On the clock of `time.monotonic`, in seconds.
        head_epochs: Those of the first phase, if there are two.
    """

    at: float
    head_epochs: int = 0


class EndInTime(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Ends a training at a deadline; without one it does nothing.

    In the last phase the schedule of the learning rate goes by the time that has passed, if that
    is ahead of the steps: a budgeted training should end at a rate of zero (Li et al., *Budgeted
    Training*, 2020). With JAX, whose optimizer is not changed between steps, only the end is kept.

    Attributes:
        is_late: Whether it ended the training.
    """

    def __init__(self, deadline: Deadline | None = None) -> None:
        super().__init__()
        # Not a plain value, so that no checkpoint keeps it: a resumed training has no deadline.
        self._deadline = deadline
        self._begin: tuple[float, int] | None = None  # of the last phase: a time, and steps done
        self._epoch = 0
        self.is_late = False

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Note the epoch."""
        del logs
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Move the schedule on if the training is late, and end it at the deadline."""
        del logs
        if self._deadline is None:
            return
        now, steps = time.monotonic(), self.params["steps"]
        done = (self._epoch - self._deadline.head_epochs) * steps + batch + 1
        total = (self.params["epochs"] - self._deadline.head_epochs) * steps
        if done > 0:
            # The first step compiles the model, and says nothing of the others.
            began, before = self._begin = self._begin or (now, done)
            time_left = max(self._deadline.at - began, 1e-3)
            due = before + int((total - before) * (now - began) / time_left)
            if due > done:
                self._move_on(min(due, total - 1))
        if now >= self._deadline.at and done < total:
            self.is_late = True
            self.model.stop_training = True

    def _move_on(self, step: int) -> None:
        for optimizer in single_optimizers([self.model.optimizer]):
            optimizer.iterations.assign(step)
