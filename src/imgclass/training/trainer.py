"""Trainer: a model and flows to a trained model and a History."""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras

from imgclass.errors import TrainingError
from imgclass.flows.failures import raising_failures
from imgclass.flows.flow import Flows
from imgclass.training.callbacks import EpochClock, FiniteLoss, OrderByEpoch
from imgclass.training.config import TrainingConfig
from imgclass.training.hardware import choose_compilation
from imgclass.training.history import Epoch, History
from imgclass.training.progress import Progress
from imgclass.training.recipe import make_optimizer

# What the weights are chosen by, and patience waits for.
MONITOR = "val_accuracy"


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

            model.compile(optimizer, CategoricalCrossentropy(label_smoothing), ["accuracy"])
            model.fit(flows.fit, validation_data=flows.val, epochs=epochs, shuffle=False)
            model.set_weights(weights of the epoch with the best val_accuracy)

        Args:
            model: A model from raw RGB 0-255 to `len(flows.class_names)` probabilities.
            flows: What `open_flows` gave.

        Raises:
            DatasetError: An image could not be read; the message names it.
            TrainingError: The flows are empty, the model does not fit them, or the loss is not
                finite.
        """
        _require_fit(model, flows)
        config = self.config
        steps = len(flows.fit)
        model.compile(
            optimizer=make_optimizer(config, total_steps=config.epochs * steps),
            loss=keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing),
            metrics=["accuracy"],
            jit_compile=choose_compilation(),
        )
        clock, shown = EpochClock(), Progress(epochs=config.epochs, steps=steps)
        best = keras.callbacks.EarlyStopping(
            MONITOR,
            mode="max",
            patience=config.patience or config.epochs,
            restore_best_weights=True,
        )
        own = [
            OrderByEpoch(flows.fit),
            FiniteLoss(),
            best,
            clock,
            *([shown] if self.progress else []),
        ]
        started = time.perf_counter()
        bar = shown.bar if self.progress else contextlib.nullcontext()
        with bar, raising_failures(flows.fit, flows.val):
            fitted = model.fit(
                flows.fit,
                validation_data=flows.val,
                epochs=config.epochs,
                shuffle=False,  # the flow shuffles by itself, as a function of seed and epoch
                verbose=0,
                callbacks=[*own, *self.callbacks],
            )
        return History(
            epochs=_epochs(fitted.history, clock),
            best_epoch=best.best_epoch,
            stopped_early=len(clock.seconds) < config.epochs,
            seconds=time.perf_counter() - started,
        )


def _epochs(history: dict[str, list[float]], clock: EpochClock) -> tuple[Epoch, ...]:
    columns = [history[name] for name in ("loss", "accuracy", "val_loss", "val_accuracy")]
    rows = zip(*columns, clock.learning_rates, clock.seconds, strict=True)
    return tuple(Epoch(*map(float, row)) for row in rows)


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
