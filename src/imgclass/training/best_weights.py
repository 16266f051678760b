"""The weights of the best epoch so far, and whether patience has run out."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from typing import Any

import keras

from imgclass.training.logs import ACCURACY, CROSS_ENTROPY, Logs


class BestWeights(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Keeps the weights of the best epoch of all phases: by val accuracy, then by val loss.

    They are copied as validation ends: Keras's SwapEMAWeights swaps them before and after it.

    Attributes:
        epoch: The best epoch, from 0; None if none is complete.
        score: Its val accuracy, and its negated val loss.
        weights: Its weights, or the initial ones; None before training.
        waited: Epochs of this phase since then.
        is_new: Whether the last epoch is the best.
        is_stalled: Whether `patience` has run out.
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
        """Wait from 0 again."""
        self.waited, self.is_stalled = 0, False

    def resume(self, epoch: int | None, *, score: tuple[float, float], waited: int) -> None:
        """Continue an earlier training; `keep` takes its weights later."""
        self.epoch, self.score, self.waited = epoch, score, waited
        self.is_stalled = self._has_waited_enough

    def keep(self, weights: list[Any]) -> None:
        """Take over an earlier training's best or initial weights."""
        self.weights = weights

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Keep the initial weights, which a callback may just have loaded."""
        del epoch, logs
        if self.weights is None:
            self.weights = self.model.get_weights()

    def on_test_end(self, logs: Logs = None) -> None:
        """Copy the validated weights if they are the best so far."""
        logs = logs or {}
        self._measured = (logs[ACCURACY], -logs[CROSS_ENTROPY])
        is_better = self.epoch is None or self._measured > self.score
        self._validated = self.model.get_weights() if is_better else None

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Keep the copied weights: the epoch is complete."""
        del logs
        self.waited += 1
        self.is_new = self._validated is not None
        if self.is_new:
            self.epoch, self.score, self.waited = epoch, self._measured, 0
            self.weights, self._validated = self._validated, None
        self.is_stalled = self._has_waited_enough

    def restore(self, *, or_first: bool = False) -> None:
        """Put in the best weights; if no epoch is complete, the initial ones if `or_first`."""
        if self.weights is not None and (or_first or self.epoch is not None):
            self.model.set_weights(self.weights)

    @contextmanager
    def in_model(self) -> Iterator[Any]:
        """Yield the model with the best weights, then put its own back."""
        current = self.model.get_weights()
        self.restore()
        try:
            yield self.model
        finally:
            self.model.set_weights(current)

    @property
    def _has_waited_enough(self) -> bool:
        return self.patience is not None and self.waited >= self.patience
