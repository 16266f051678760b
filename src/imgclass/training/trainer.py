"""Trainer: a model and flows to a trained model and a History."""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras

from imgclass.errors import TrainingError
from imgclass.flows.failures import raising_failures
from imgclass.flows.flow import Flows
from imgclass.training.callbacks import BestWeights, EpochClock, FiniteLoss, OrderByEpoch
from imgclass.training.config import TrainingConfig
from imgclass.training.hardware import choose_compilation
from imgclass.training.history import Epoch, History
from imgclass.training.normalization import fused_normalization
from imgclass.training.phases import Phase, plan_phases
from imgclass.training.progress import Progress
from imgclass.training.recipe import filled_in, make_optimizer

COLUMNS = ("loss", "accuracy", "val_loss", "val_accuracy")


@dataclass(frozen=True, slots=True)
class Trainer:
    """Fits models by one recipe.

    Attributes:
        config: The recipe.
        callbacks: `keras.callbacks.Callback` objects of your own, called after the trainer's.
        progress: Whether to show a bar and a line an epoch on standard error.

    Example:
        >>> from imgclass import TrainingConfig
        >>> Trainer(TrainingConfig(epochs=2), progress=False).config.epochs
        2
    """

    config: TrainingConfig = TrainingConfig()
    callbacks: Sequence[keras.callbacks.Callback] = ()
    progress: bool = True

    def fit(self, model: keras.Model, flows: Flows) -> History:
        """Train `model` on `flows.fit` and leave it with its best weights by `flows.val`.

        It is this, with errors instead of silence::

            for phase in phases:  # one, or the head's and the backbone's
                model.compile(optimizer, CategoricalCrossentropy(label_smoothing), ["accuracy"])
                model.fit(flows.fit, validation_data=flows.val, epochs=epochs, shuffle=False)
                model.set_weights(weights of the epoch with the best val_accuracy so far)

        Args:
            model: A model from raw RGB 0-255 to `len(flows.class_names)` probabilities.
            flows: What `open_flows` gave.

        Raises:
            DatasetError: An image could not be read; the message names it.
            TrainingError: The flows are empty, the model does not fit them, or the loss is not
                finite.
            UsageError: The model has no backbone, or no layer of it that `unfreeze` names.
        """
        _require_fit(model, flows)
        config = filled_in(self.config, num_images=len(flows.fit.paths))
        phases = plan_phases(model, config)
        clock, best = EpochClock(), BestWeights(config.patience)
        shown = Progress(epochs=sum(phase.epochs for phase in phases), steps=len(flows.fit))
        own = [OrderByEpoch(flows.fit), FiniteLoss(), best, clock]
        callbacks = [*own, *([shown] if self.progress else []), *self.callbacks]
        columns: dict[str, list[float]] = {name: [] for name in COLUMNS}
        started = time.perf_counter()
        with shown.bar if self.progress else contextlib.nullcontext():
            numbers: list[int] = []
            for number, phase in enumerate(phases, start=1):
                fitted = _fit_phase(
                    phase,
                    model,
                    flows,
                    config=config,
                    done=len(clock.seconds),
                    callbacks=callbacks,
                )
                numbers += [number] * len(fitted.epoch)
                for name in COLUMNS:
                    columns[name] += fitted.history[name]
        rows = zip(*columns.values(), clock.learning_rates, clock.seconds, strict=True)
        return History(
            epochs=tuple(
                replace(Epoch(*map(float, row)), phase=number)
                for row, number in zip(rows, numbers, strict=True)
            ),
            best_epoch=best.epoch,
            stopped_early=len(fitted.epoch) < phases[-1].epochs,
            seconds=time.perf_counter() - started,
        )


def _fit_phase(
    phase: Phase,
    model: keras.Model,
    flows: Flows,
    *,
    config: TrainingConfig,
    done: int,
    callbacks: Sequence[keras.callbacks.Callback],
) -> Any:
    """Compile and fit for one phase, after `done` epochs of those before it."""
    phase.begin()
    config = replace(config, learning_rate=phase.learning_rate)
    model.compile(
        optimizer=make_optimizer(config, total_steps=phase.epochs * len(flows.fit)),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing),
        metrics=["accuracy"],
        jit_compile=choose_compilation(),
    )
    with raising_failures(flows.fit, flows.val), fused_normalization(model):
        return model.fit(
            flows.fit,
            validation_data=flows.val,
            initial_epoch=done,
            epochs=done + phase.epochs,
            shuffle=False,  # the flow shuffles by itself, as a function of seed and epoch
            verbose=0,
            callbacks=callbacks,
        )


def _require_fit(model: Any, flows: Flows) -> None:
    for name in ("fit", "val"):
        if not len(getattr(flows, name)):
            raise TrainingError(
                f"Expected at least one batch of {name} images; received none. Training on nothing "
                f"would end in silent success."
            )
    expected = (*flows.image_size, 3), len(flows.class_names)
    received = tuple(model.input_shape[1:]), model.output_shape[-1]
    if expected != received:
        raise TrainingError(
            f"Expected a model from images of {expected[0]} to {expected[1]} classes; received "
            f"one from {received[0]} to {received[1]}. Build it with the flows' image_size and "
            f"len(class_names)."
        )
