"""The weights of the best epoch so far, and whether patience has run out."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from typing import Any

import keras

from imgclass.training.logs import ACCURACY, CROSS_ENTROPY, Logs


class BestWeights(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Keeps the weights of the epoch with the best val accuracy, across all phases of a training.

    If two accuracies are equal, the lower val loss is better. The weights are copied when
    validation ends: Keras's SwapEMAWeights puts others into the model before and after it.

    Args:
        patience: Epochs without a better one after which a phase ends; None for no such limit.

    Attributes:
        epoch: Number of the best epoch, counted from 0; None if no epoch is complete.
        score: Its val accuracy, and its negated val loss.
        weights: Its weights, or the initial ones if no epoch is complete; None before training.
        waited: Epochs of this phase since the best one.
        is_new: Whether the last epoch is the best.
        is_stalled: Whether patience has run out in this phase.
    """

    def __init__(self, patience: int | None) -> None:
        super().__init__()
        self.patience = patience
        self.epoch: int | None = None
        self.is_new = self.is_stalled = False
        self.waited = 0
        self._measured = self.score = (-inf, -inf)
        self._validated: list[Any] | None = None
        self.weights: list[Any] | None = None

    def begin_phase(self) -> None:
        """Count the epochs without a better one from 0 again."""
        self.waited, self.is_stalled = 0, False

    def resume(self, epoch: int | None, *, score: tuple[float, float], waited: int) -> None:
        """Continue an earlier training; `keep` is called with its weights later."""
        self.epoch, self.score, self.waited = epoch, score, waited
        self.is_stalled = self._has_waited_enough

    def keep(self, weights: list[Any]) -> None:
        """Take over the best weights, or the initial ones, of an earlier training."""
        self.weights = weights

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Keep the initial weights, which another callback may have loaded just now."""
        del epoch, logs
        if self.weights is None:
            self.weights = self.model.get_weights()

    def on_test_end(self, logs: Logs = None) -> None:
        """Copy the weights that were validated if they are the best so far."""
        logs = logs or {}
        self._measured = (logs[ACCURACY], -logs[CROSS_ENTROPY])
        is_better = self.epoch is None or self._measured > self.score
        self._validated = self.model.get_weights() if is_better else None

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Keep the copied weights, now that the epoch is complete."""
        del logs
        self.waited += 1
        self.is_new = self._validated is not None
        if self.is_new:
            self.epoch, self.score, self.waited = epoch, self._measured, 0
            self.weights, self._validated = self._validated, None
        self.is_stalled = self._has_waited_enough

    def restore(self, *, or_first: bool = False) -> None:
        """Put the best weights into the model.

        Args:
            or_first: If no epoch is complete, put in the initial weights; otherwise the model is
                left as it is in that case.
        """
        if self.weights is not None and (or_first or self.epoch is not None):
            self.model.set_weights(self.weights)

    @contextmanager
    def in_model(self) -> Iterator[Any]:
        """Yield the model with the best weights; afterwards it has its current ones again."""
        current = self.model.get_weights()
        self.restore()
        try:
            yield self.model
        finally:
            self.model.set_weights(current)

    @property
    def _has_waited_enough(self) -> bool:
        return self.patience is not None and self.waited >= self.patience
