"""Keras's `fit`, once for each phase, as one training."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras

from imgclass.features import Part, learning_part
from imgclass.flows.failures import raising_failures
from imgclass.flows.flow import Flows
from imgclass.training.best_weights import BestWeights
from imgclass.training.checkpoints.recorder import SaveCheckpoints
from imgclass.training.class_weights import weights_in_order
from imgclass.training.config import TrainingConfig
from imgclass.training.epoch_batches import RestOfEpoch, without_autotuning
from imgclass.training.fast_kernels import fast_kernels
from imgclass.training.hardware import choose_compilation
from imgclass.training.inner_features import keep_inner_features
from imgclass.training.logs import Logs
from imgclass.training.optimizers import leave_own_optimizer_out_of_files
from imgclass.training.plan import TrainingPlan
from imgclass.training.recipe import make_loss, make_metrics, make_metrics_variables
from imgclass.training.watch import Watch


class TrainingCallbacks(keras.callbacks.CallbackList):  # type: ignore[misc]  # Keras has no types
    """Callbacks that see one training, whatever its number of phases.

    Attributes:
        learner: What `fit` trains: the model, or the part of it after frozen layers. Callbacks see
            the whole model.
        flow: The learner's batches.
        is_wrapped: Whether `fit` gets a data set made of the flow, so that Keras cannot tell it of
            the end of an epoch.
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
        self.learner: Any = model
        self.flow: Any = None
        self.is_stopped = self._has_begun = self.is_wrapped = False
        self.skipped = 0
        self._last_logs: Any = None

    def on_train_begin(self, logs: Logs = None) -> None:
        """Begin the training, at the first phase only."""
        if not self._has_begun:
            self._has_begun = True
            super().on_train_begin(logs)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Give the flow the epoch's order and augmentation, also when training resumes."""
        if self.flow is not None:
            self.flow.start_epoch(epoch)
        super().on_epoch_begin(epoch, logs)

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Number the batch within the whole epoch."""
        super().on_train_batch_begin(batch + self.skipped, logs)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Number the batch within the whole epoch."""
        super().on_train_batch_end(batch + self.skipped, logs)
        self.learner.stop_training = self.model.stop_training

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """End the phase if patience has run out."""
        super().on_epoch_end(epoch, logs)
        if self.is_wrapped and self.flow is not None:
            self.flow.on_epoch_end()
        self.is_stopped = self.model.stop_training
        self.model.stop_training = self.is_stopped or self.best.is_stalled
        self.learner.stop_training = self.model.stop_training

    def on_train_end(self, logs: Logs = None) -> None:
        """Keep the logs for `end`: another phase may follow."""
        self._last_logs = logs
        self.learner.history = self.model.history  # Keras's `fit` returns it

    def end(self) -> None:
        """End the training after its last phase."""
        super().on_train_end(self._last_logs)


@dataclass(slots=True)
class PhaseLoop:
    """The loop over a training's phases, from the place that `saving` knows.

    `check` is called while the features of frozen layers are computed, and may raise.
    """

    plan: TrainingPlan
    config: TrainingConfig
    model: keras.Model
    flows: Flows
    saving: SaveCheckpoints
    callbacks: TrainingCallbacks
    check: Callable[[], None]
    shows_progress: bool
    part: Part = field(init=False)

    def run(self, watch: Watch | None) -> bool:
        """Fit all phases, and return whether that ended before the last epoch."""
        clock, best, is_short = self.saving.parts.clock, self.saving.parts.best, False
        if self.saving.place.phase < len(self.plan.phases):
            keep_inner_features(
                self.model,
                self.flows,
                self.plan.phases[-1],
                shows_progress=self.shows_progress,
                check=self.check,
            )
        for number in range(self.saving.place.phase, len(self.plan.phases) + 1):
            clock.phase = number
            self.saving.begin_phase(number, self.plan.phases[number - 1].epochs)
            self._compile(number)
            if watch is not None and number == 1 and not self.saving.is_resuming:
                watch.ready()
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
        """Compile the part of the model that learns, and the whole one for callbacks."""
        phase, optimizer = self.plan.phases[number - 1], self.plan.optimizers[number - 1]
        phase.begin()
        self.part = learning_part(
            self.model,
            self.flows,
            epochs=phase.epochs,
            shows_progress=self.shows_progress,
            check=self.check,
        )
        self.callbacks.learner, self.callbacks.flow = (
            self.part.model,
            self.part.flows.train_augmented,
        )
        self.saving.learner = self.part.model
        for model in {id(each): each for each in (self.model, self.part.model)}.values():
            model.compile(
                optimizer=optimizer,
                loss=make_loss(self.config, class_weights=self._class_weights),
                metrics=make_metrics(self.config),
                jit_compile=choose_compilation(),
            )
        leave_own_optimizer_out_of_files(self.model)
        # Keras makes the variables of both in the first step. The first checkpoint needs them
        # before, and a step that makes variables is traced twice by TensorFlow.
        optimizer.build(self.model.trainable_variables)
        make_metrics_variables(self.part.model)

    @property
    def _class_weights(self) -> tuple[float, ...] | None:
        flows = self.flows
        labels = flows.train_augmented.labels
        return weights_in_order(self.config.class_weights, flows.class_names, labels)

    def _restore(self, watch: Watch | None) -> None:
        """Restore a checkpoint, and tell the watch where the training continues."""
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
        place, flow = self.saving.place, self.part.flows.train_augmented
        if place.is_phase_over:
            self.callbacks.on_train_begin()
        elif place.batch:
            self.callbacks.skipped = place.batch
            self._fit(RestOfEpoch(flow, place.batch), first=place.epoch, last=place.epoch + 1)
            self.callbacks.skipped = 0
        if not self.saving.place.is_phase_over:
            self._fit(flow, first=self.saving.parts.clock.following, last=place.phase_end)

    def _fit(self, flow: Any, *, first: int, last: int) -> None:
        flows = self.part.flows
        for each in (flows.train_augmented, flows.val):
            if getattr(each, "failure", None) is not None:
                vars(each)["failure"] = None  # from an earlier training
        self.model.stop_training = False
        batches = without_autotuning(flow)
        self.callbacks.is_wrapped = batches is not flow
        with (
            raising_failures(flows.train_augmented, flows.val),
            fast_kernels(self.part.model),
        ):
            self.part.model.fit(
                batches,
                validation_data=without_autotuning(flows.val),
                initial_epoch=first,
                epochs=last,
                shuffle=False,  # the flow shuffles by seed and epoch
                verbose=0,
                callbacks=self.callbacks,
            )
