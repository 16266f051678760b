"""Several calls of Keras's `fit` as one training."""

from collections.abc import Sequence
from typing import Any

import keras

from imgclass.training.best_weights import BestWeights
from imgclass.training.logs import Logs


class OneTraining(keras.callbacks.CallbackList):  # type: ignore[misc]  # Keras has no types
    """Callbacks to which the phases of a training are one: it begins once and ends once.

    Args:
        callbacks: In their order.
        best: Knows when patience has run out.
        model: What is trained.
        epochs: Of all phases.
        steps: Batches an epoch.

    Attributes:
        skipped: Batches at the beginning of an epoch that were learned before.
        is_stopped: Whether a callback has set `model.stop_training`, which ends all phases; that
            patience has run out ends one.
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

    def begin_phase(self, *, is_new: bool) -> None:
        """Let patience begin anew, but not in a phase that is gone on with; `fit` follows."""
        if is_new:
            self.best.begin_phase()

    def end_phase(self) -> None:
        """Give the model its best weights, which the next phase starts from."""
        self.best.restore()

    def on_train_begin(self, logs: Logs = None) -> None:
        """Begin with the first phase."""
        if not self._has_begun:
            self._has_begun = True
            super().on_train_begin(logs)

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Count the batches that were left out, too."""
        super().on_train_batch_begin(batch + self.skipped, logs)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Count the batches that were left out, too."""
        super().on_train_batch_end(batch + self.skipped, logs)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """End the phase where patience has run out."""
        super().on_epoch_end(epoch, logs)
        self.is_stopped = self.model.stop_training
        self.model.stop_training = self.is_stopped or self.best.is_stalled

    def on_train_end(self, logs: Logs = None) -> None:
        """Wait for `end`: another phase may follow."""
        self._last_logs = logs

    def end(self) -> None:
        """End the training."""
        super().on_train_end(self._last_logs)
