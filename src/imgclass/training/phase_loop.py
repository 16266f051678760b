"""Keras's `fit`, once for each phase, as one training."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras

from imgclass.flows.failures import raising_failures
from imgclass.flows.flow import Flows
from imgclass.training.best_weights import BestWeights
from imgclass.training.checkpoints.recorder import SaveCheckpoints
from imgclass.training.config import TrainingConfig
from imgclass.training.epoch_batches import RestOfEpoch
from imgclass.training.hardware import choose_compilation
from imgclass.training.logs import Logs
from imgclass.training.normalization import fused_normalization
from imgclass.training.optimizers import leave_own_optimizer_out_of_files
from imgclass.training.plan import TrainingPlan
from imgclass.training.recipe import make_loss, make_metrics
from imgclass.training.watch import Watch


class TrainingCallbacks(keras.callbacks.CallbackList):  # type: ignore[misc]  # Keras has no types
    """Callbacks that see one training, whatever its number of phases.

    Attributes:
        skipped: First batches of the epoch, learned before.
        is_stopped: Whether a callback set `model.stop_training`, which ends all phases; running out
            of patience ends one.
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
        """Begin the training, at the first phase only."""
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
        """End the training after its last phase."""
        super().on_train_end(self._last_logs)


@dataclass(frozen=True, slots=True)
class PhaseLoop:
    """The loop over a training's phases, from the place that `saving` knows."""

    plan: TrainingPlan
    config: TrainingConfig
    model: keras.Model
    flows: Flows
    saving: SaveCheckpoints
    callbacks: TrainingCallbacks

    def run(self, watch: Watch | None) -> bool:
        """Fit all phases, and return whether that ended before the last epoch."""
        clock, best, is_short = self.saving.parts.clock, self.saving.parts.best, False
        for number in range(self.saving.place.phase, len(self.plan.phases) + 1):
            clock.phase = number
            self.saving.begin_phase(number, self.plan.phases[number - 1].epochs)
            self._compile(number)
            if self.saving.is_resuming:
                self._restore(watch)
            else:
                best.begin_phase()
            self._fit_phase()
            best.restore()  # the next phase starts from them
            # A callback that continued a training may have found nothing to do.
            is_short = 0 < clock.following < self.saving.place.phase_end
            if self.callbacks.is_stopped or self.saving.place.is_over:
                is_short |= number < len(self.plan.phases)
                break
        self.callbacks.end()
        return is_short

    def _compile(self, number: int) -> None:
        self.plan.phases[number - 1].begin()
        self.model.compile(
            optimizer=self.plan.optimizers[number - 1],
            loss=make_loss(self.config),
            metrics=make_metrics(self.config),
            jit_compile=choose_compilation(),
        )
        leave_own_optimizer_out_of_files(self.model)
        # Keras builds it in the first step; the first checkpoint needs its variables before.
        self.model.optimizer.build(self.model.trainable_variables)

    def _restore(self, watch: Watch | None) -> None:
        """Restore a checkpoint, and tell the watch where the training continues."""
        if self.saving.place.batch:
            self.model.test_on_batch(*self.flows.val[0])  # makes the metrics' variables
        self.saving.restore()
        if watch is None:
            return
        parts = self.saving.parts
        epochs, best = parts.notes.epochs, parts.best
        with best.in_model() as model:
            if best.epoch is None:
                watch.resumed(epochs, None, None)
            else:
                watch.resumed(epochs, best.epoch - parts.clock.first, model)

    def _fit_phase(self) -> None:
        """Fit the rest of an epoch that had begun, then the phase's other epochs."""
        place, flow = self.saving.place, self.flows.train_augmented
        if place.is_phase_over:
            self.callbacks.on_train_begin()
        elif place.batch:
            self.callbacks.skipped = place.batch
            self._fit(RestOfEpoch(flow, place.batch), first=place.epoch, last=place.epoch + 1)
            self.callbacks.skipped = 0
        if not self.saving.place.is_phase_over:
            self._fit(flow, first=self.saving.parts.clock.following, last=place.phase_end)

    def _fit(self, flow: Any, *, first: int, last: int) -> None:
        for each in (self.flows.train_augmented, self.flows.val):
            if getattr(each, "failure", None) is not None:
                vars(each)["failure"] = None  # from an earlier training
        with (
            raising_failures(self.flows.train_augmented, self.flows.val),
            fused_normalization(self.model),
        ):
            self.model.fit(
                flow,
                validation_data=self.flows.val,
                initial_epoch=first,
                epochs=last,
                shuffle=False,  # the flow shuffles by seed and epoch
                verbose=0,
                callbacks=self.callbacks,
            )
