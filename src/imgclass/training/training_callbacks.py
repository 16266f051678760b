"""All callbacks of a training, for which several calls of Keras's `fit` are one training."""

from collections.abc import Sequence
from typing import Any

import keras

from imgclass.training.best_weights import BestWeights
from imgclass.training.logs import Logs


class TrainingCallbacks(keras.callbacks.CallbackList):  # type: ignore[misc]  # Keras has no types
    """A list of callbacks that see one training, whatever its number of phases.

    Args:
        callbacks: The callbacks, in the order in which they are called.
        best: Knows when patience has run out.
        model: The model in training.
        epochs: Epochs of all phases.
        steps: Batches per epoch.

    Attributes:
        skipped: Batches at the beginning of the epoch that were learned before.
        is_stopped: Whether a callback has set `model.stop_training`, which ends all phases. (When
            patience runs out, one phase ends.)
    """

    def __init__(
        self,
        callbacks: Sequence[keras.callbacks.Callback],
        *,
        best: BestWeights,
        model: keras.Model,
        epochs: int,
        steps: int,
    ) -> None:
        super().__init__(
            list(callbacks), add_history=True, model=model, verbose=0, epochs=epochs, steps=steps
        )
        self.best = best
        self.is_stopped = self._has_begun = False
        self.skipped = 0
        self._last_logs: Any = None

    def on_train_begin(self, logs: Logs = None) -> None:
        """Begin the training with its first phase."""
        if not self._has_begun:
            self._has_begun = True
            super().on_train_begin(logs)

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Number the batch within the whole epoch."""
        super().on_train_batch_begin(batch + self.skipped, logs)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Number the batch within the whole epoch."""
        super().on_train_batch_end(batch + self.skipped, logs)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """End the phase if patience has run out."""
        super().on_epoch_end(epoch, logs)
        self.is_stopped = self.model.stop_training
        self.model.stop_training = self.is_stopped or self.best.is_stalled

    def on_train_end(self, logs: Logs = None) -> None:
        """Keep the logs for `end`: another phase may follow."""
        self._last_logs = logs

    def end(self) -> None:
        """End the training."""
        super().on_train_end(self._last_logs)
