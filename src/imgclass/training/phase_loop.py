"""Keras's `fit`, phase after phase, from where a training stands to its end."""

from dataclasses import dataclass
from typing import Any

import keras

from imgclass.flows.failures import raising_failures
from imgclass.flows.flow import Flows
from imgclass.training.checkpoints.recorder import SaveCheckpoints
from imgclass.training.compile_settings import leave_own_optimizer_out_of_files
from imgclass.training.config import TrainingConfig
from imgclass.training.hardware import choose_compilation
from imgclass.training.normalization import fused_normalization
from imgclass.training.one_training import OneTraining
from imgclass.training.plan import TrainingPlan
from imgclass.training.recipe import make_loss, make_metrics
from imgclass.training.rest_of_epoch import RestOfEpoch
from imgclass.training.watch import Watch


@dataclass(frozen=True, slots=True)
class Fitting:
    """What `fit` is run with.

    Attributes:
        plan: The phases, and an optimizer for each.
        config: The recipe, filled in.
        model: What is trained.
        flows: What it is trained on.
        saving: Knows where the training stands.
        training: All callbacks.
    """

    plan: TrainingPlan
    config: TrainingConfig
    model: keras.Model
    flows: Flows
    saving: SaveCheckpoints
    training: OneTraining

    def run(self, watch: Watch | None) -> bool:
        """Fit all phases, and return whether that ended before the last epoch.

        Args:
            watch: Is told where a training goes on.
        """
        clock, is_short = self.saving.memory.clock, False
        for number in range(self.saving.place.phase, len(self.plan.phases) + 1):
            clock.phase = number
            self.saving.begin_phase(number, self.plan.phases[number - 1].epochs)
            self._compile(number)
            goes_on = self.saving.goes_on
            if goes_on:
                self._restore(watch)
            self.training.begin_phase(is_new=not goes_on)
            self._fit_phase()
            self.training.end_phase()
            # A callback that continues an earlier training may have found nothing left to do.
            is_short = 0 < clock.following < self.saving.place.phase_end
            if self.training.is_stopped or self.saving.place.is_over:
                is_short |= number < len(self.plan.phases)
                break
        self.training.end()
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
        # Keras does so in the first step, but its variables belong to the first checkpoint.
        self.model.optimizer.build(self.model.trainable_variables)

    def _restore(self, watch: Watch | None) -> None:
        """Go on with the values of a checkpoint, and tell where."""
        if self.saving.place.batch:
            self.model.test_on_batch(*self.flows.val[0])  # makes the variables of the metrics
        self.saving.restore()
        if watch is None:
            return
        memory = self.saving.memory
        epochs, best = memory.notes.epochs, memory.best
        with best.in_model() as model:
            if best.epoch is None:
                watch.resumed(epochs, None, None)
            else:
                watch.resumed(epochs, best.epoch - memory.clock.first, model)

    def _fit_phase(self) -> None:
        """Fit what is left of a phase: of an epoch that had begun, and of those after it."""
        place = self.saving.place
        if place.is_phase_over:
            self.training.on_train_begin()
        elif place.batch:
            self.training.skipped = place.batch
            rest = RestOfEpoch(self.flows.train_augmented, place.batch)
            self._fit(rest, first=place.epoch, last=place.epoch + 1)
            self.training.skipped = 0
        if not self.saving.place.is_phase_over:
            first = self.saving.memory.clock.following
            self._fit(self.flows.train_augmented, first=first, last=place.phase_end)

    def _fit(self, flow: Any, *, first: int, last: int) -> None:
        for each in (self.flows.train_augmented, self.flows.val):
            if getattr(each, "failure", None) is not None:
                vars(each)["failure"] = None  # of an earlier training
        with (
            raising_failures(self.flows.train_augmented, self.flows.val),
            fused_normalization(self.model),
        ):
            self.model.fit(
                flow,
                validation_data=self.flows.val,
                initial_epoch=first,
                epochs=last,
                shuffle=False,  # the flow shuffles by itself, as a function of seed and epoch
                verbose=0,
                callbacks=self.training,
            )
