"""Trainer: a model and flows to a trained model and a History."""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

import keras

from imgclass.errors import DivergedError
from imgclass.flows.failures import raising_failures
from imgclass.flows.flow import Flows
from imgclass.training.averages import has_averages
from imgclass.training.best_weights import BestWeights
from imgclass.training.callbacks import AnswerInterrupts, OrderByEpoch
from imgclass.training.compile_settings import leave_own_optimizer_out_of_files
from imgclass.training.config import TrainingConfig
from imgclass.training.epoch_notes import EpochClock, EpochNotes
from imgclass.training.finite import FiniteTraining
from imgclass.training.hardware import choose_compilation
from imgclass.training.history import History
from imgclass.training.interrupts import Interrupts
from imgclass.training.memory_failures import explaining_memory
from imgclass.training.normalization import fused_normalization
from imgclass.training.one_training import OneTraining
from imgclass.training.plan import TrainingPlan, plan_training
from imgclass.training.progress import Progress
from imgclass.training.recipe import make_loss, make_metrics
from imgclass.training.requirements import require_fit, require_flows
from imgclass.training.user_callbacks import as_callbacks, averaging, restored_epoch
from imgclass.training.watch import Watch


@dataclass(frozen=True, slots=True)
class Trainer:
    """Fits models by one recipe.

    Attributes:
        config: The recipe.
        callbacks: A `keras.callbacks.Callback` of your own, or several, called after the
            trainer's. The phases of a training are one to them, and what sets
            `model.stop_training` ends all of it.
        progress: Whether to show a bar and a line an epoch on standard error.

    Raises:
        UsageError: `callbacks` has something that is none.

    Example:
        >>> from imgclass import TrainingConfig
        >>> Trainer(TrainingConfig(epochs=2), progress=False).config.epochs
        2
    """

    config: TrainingConfig = TrainingConfig()
    callbacks: Sequence[keras.callbacks.Callback] | keras.callbacks.Callback = ()
    progress: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "callbacks", as_callbacks(self.callbacks))

    def fit(self, model: keras.Model, flows: Flows, *, watch: Watch | None = None) -> History:
        """Train `model` on `flows.fit` and leave it with its best weights by `flows.val`.

        It is this, with errors instead of silence::

            for phase in phases:  # one, or the head's and the backbone's
                model.compile(optimizer, CategoricalCrossentropy(label_smoothing), metrics)
                model.fit(flows.fit, validation_data=flows.val, epochs=epochs, shuffle=False)
                model.set_weights(weights of the epoch with the best val_accuracy so far)

        Of equal val accuracies the lower val loss is better. A callback that gives the model other
        weights in the end, as EarlyStopping may, has the last word.

        An error leaves the model with the weights of its best whole epoch. Where there is none, it
        keeps what it has, and after a DivergedError it has what it began with.

        Args:
            model: A model from raw RGB 0-255 to `len(flows.class_names)` probabilities.
            flows: What `open_flows` gave.
            watch: Is told of every whole epoch.

        Raises:
            DatasetError: An image could not be read; the message names it.
            DivergedError: A loss or a weight is not finite; the message names the epoch, and the
                batch with its images where it was one.
            InterruptedRunError: Ctrl-C, at the end of the batch; a second one raises
                KeyboardInterrupt at once. After SIGTERM it is a TerminatedError.
            MachineError: There is not enough memory.
            TrainingError: The flows are empty, or the model does not fit them.
            UsageError: The flows are none, the model has no backbone, or no layer of it that
                `unfreeze` names, or a callback could not do here what it is for.
        """
        require_flows(flows)
        require_fit(model, flows)
        callbacks = as_callbacks(self.callbacks)
        plan = plan_training(self.config, model, flows, callbacks=callbacks)
        epochs, steps = sum(phase.epochs for phase in plan.phases), len(flows.fit)
        clock, best, interrupts = EpochClock(), BestWeights(plan.config.patience), Interrupts()
        notes = EpochNotes(clock, best, watch, has_averages=has_averages(plan.optimizers))
        shown = Progress(epochs=epochs, steps=steps)
        training = OneTraining(
            [
                OrderByEpoch(flows.fit),
                AnswerInterrupts(interrupts),
                clock,
                FiniteTraining(flows.fit, clock, [phase.learning_rate for phase in plan.phases]),
                best,
                notes,
                *([shown] if self.progress else ()),
                *averaging(callbacks, plan.optimizers),
                *callbacks,
            ],
            best=best,
            model=model,
            epochs=epochs,
            steps=steps,
        )
        started = time.perf_counter()
        bar = shown.bar if self.progress else contextlib.nullcontext()
        try:
            with interrupts, bar, explaining_memory(flows.fit.batch_size):
                is_short = _fit_phases(plan, model, flows, clock=clock, training=training)
                interrupts.raise_if_received()
        except BaseException as error:
            best.restore(or_first=isinstance(error, DivergedError))
            raise
        kept = restored_epoch(callbacks)
        kept = best.epoch if kept is None else kept
        return History(
            epochs=tuple(notes.epochs),
            best_epoch=None if kept is None else kept - clock.first,
            stopped_early=is_short,
            seconds=time.perf_counter() - started,
        )


def _fit_phases(
    plan: TrainingPlan,
    model: keras.Model,
    flows: Flows,
    *,
    clock: EpochClock,
    training: OneTraining,
) -> bool:
    """Fit phase after phase, and return whether that ended before the last epoch."""
    is_short = False
    for number, phase in enumerate(plan.phases, start=1):
        clock.phase = number
        first, last = clock.following, clock.following + phase.epochs
        phase.begin()
        model.compile(
            optimizer=plan.optimizers[number - 1],
            loss=make_loss(plan.config),
            metrics=make_metrics(plan.config),
            jit_compile=choose_compilation(),
        )
        leave_own_optimizer_out_of_files(model)
        training.begin_phase()
        for flow in (flows.fit, flows.val):
            if getattr(flow, "failure", None) is not None:
                vars(flow)["failure"] = None  # of an earlier training
        with raising_failures(flows.fit, flows.val), fused_normalization(model):
            model.fit(
                flows.fit,
                validation_data=flows.val,
                initial_epoch=first,
                epochs=last,
                shuffle=False,  # the flow shuffles by itself, as a function of seed and epoch
                verbose=0,
                callbacks=training,
            )
        training.end_phase()
        # A callback that continues an earlier training may have found nothing left to do.
        is_short = 0 < clock.following < last
        if training.is_stopped:
            is_short |= number < len(plan.phases)
            break
    training.end()
    return is_short
