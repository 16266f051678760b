"""The weights of the best epoch so far, and whether it is time to give up."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from typing import Any

import keras

from imgclass.training.logs import ACCURACY, CROSS_ENTROPY, Logs


class BestWeights(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Keeps the weights of the epoch with the best val accuracy, in all phases of a training.

    Of equal accuracies the lower val loss is better. The weights are those that were validated:
    Keras's SwapEMAWeights puts others into the model before and after.

    Args:
        patience: Epochs of one phase without a better one that end it; None never does.

    Attributes:
        epoch: Number of the best epoch, counted from 0; None where none was whole.
        score: Its val accuracy, and its val loss with the sign turned.
        weights: Its weights, or those that training began with; None before.
        waited: Epochs of this phase since it.
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
        """Wait anew."""
        self.waited, self.is_stalled = 0, False

    def go_on(self, epoch: int | None, *, score: tuple[float, float], waited: int) -> None:
        """Go on where an earlier training stood; its weights follow."""
        self.epoch, self.score, self.waited = epoch, score, waited
        self.is_stalled = self._has_waited_enough

    def keep(self, weights: list[Any]) -> None:
        """Take the weights of the best epoch of an earlier training, or those it began with."""
        self.weights = weights

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Keep what training begins with, which another callback may have loaded just now."""
        del epoch, logs
        if self.weights is None:
            self.weights = self.model.get_weights()

    def on_test_end(self, logs: Logs = None) -> None:
        """Take the weights that were validated where they are the best so far."""
        logs = logs or {}
        self._measured = (logs[ACCURACY], -logs[CROSS_ENTROPY])
        is_better = self.epoch is None or self._measured > self.score
        self._validated = self.model.get_weights() if is_better else None

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Keep them, now that the epoch is whole."""
        del logs
        self.waited += 1
        self.is_new = self._validated is not None
        if self.is_new:
            self.epoch, self.score, self.waited = epoch, self._measured, 0
            self.weights, self._validated = self._validated, None
        self.is_stalled = self._has_waited_enough

    def restore(self, *, or_first: bool = False) -> None:
        """Give the model its best weights.

        Args:
            or_first: Where no epoch was whole, give it those that training began with; otherwise
                the model keeps what it has.
        """
        if self.weights is not None and (or_first or self.epoch is not None):
            self.model.set_weights(self.weights)

    @contextmanager
    def in_model(self) -> Iterator[Any]:
        """Give the model with its best weights; afterwards it has its own again."""
        own = self.model.get_weights()
        self.restore()
        try:
            yield self.model
        finally:
            self.model.set_weights(own)

    @property
    def _has_waited_enough(self) -> bool:
        return self.patience is not None and self.waited >= self.patience
