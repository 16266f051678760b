"""A callback that ends training as soon as a loss or a weight is not finite."""

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite, nan
from pathlib import Path
from typing import Any

import keras
from keras import ops

from imgclass.errors import DivergedError
from imgclass.flows.flow import Flow
from imgclass.training.epoch_notes import EpochClock
from imgclass.training.logs import OBJECTIVE, VAL, Logs

SHOWN = 3  # images that a message names


class FiniteTraining(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Ends training with an error at the first batch or epoch that is not finite.

    Keras goes on with NaN weights, and its TerminateOnNaN stops without an error. Weights are
    checked, too: batch normalisation's moving averages, unused in training, may overflow while the
    loss stays finite.

    `rates` has the recipe's field for each phase's learning rate, and its peak, if known.
    """

    def __init__(
        self, flow: Flow, clock: EpochClock, rates: Sequence[tuple[str, float | None]]
    ) -> None:
        super().__init__()
        self.flow, self.clock, self.rates = flow, clock, rates

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Check the running loss."""
        loss = (logs or {}).get(OBJECTIVE, 0.0)
        if isfinite(loss):
            return
        files = getattr(self.flow, "batch_paths", None)
        images = tuple(files(batch)) if files else ()
        seen = f", of the images {_shown(images)}" if images else ""
        look = "look at these images" if images else "look for broken images"
        raise DivergedError(
            f"Expected a finite loss; received {loss} in {self._where}, batch {batch + 1}{seen}. "
            f"{self._remedy}; if that does not help, {look} and their labels.",
            epoch=self.clock.read(logs),
            images=images,
            advice=self._advice,
        )

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Check the val loss and all weights that training changes."""
        del epoch
        val_loss = (logs or {}).get(VAL + OBJECTIVE, 0.0)
        fault = None if isfinite(val_loss) else f"Expected a finite val loss; received {val_loss}"
        fault = fault or next(filter(None, map(_fault_of, self._changing)), None)
        if fault is not None:
            # Val scores of such weights mean nothing, even as numbers.
            raise DivergedError(
                f"{fault} after {self._where}. {self._remedy}.",
                epoch=replace(self.clock.read(logs), val_loss=nan, val_accuracy=nan),
                advice=self._advice,
            )

    @property
    def _changing(self) -> list[Any]:
        layers = [layer for layer in self.model.layers if not layer.trainable]
        frozen = {id(variable) for layer in layers for variable in layer.variables}
        return [variable for variable in self.model.variables if id(variable) not in frozen]

    @property
    def _where(self) -> str:
        return f"epoch {self.clock.following}"

    @property
    def _remedy(self) -> str:
        to = "".join(
            f", to {rate:g} (--{name.replace('_', '-')} {rate:g})"
            for name, rate in self._advice.items()
            if rate is not None
        )
        return f"Lower the learning rate by a factor of 10{to}"

    @property
    def _advice(self) -> dict[str, float | None]:
        """Return the recipe's field for the phase's rate, and a lower rate."""
        name, rate = self.rates[self.clock.phase - 1]
        return {name: None if rate is None else rate / 10}


def _fault_of(variable: Any) -> str | None:
    """Return what is wrong with a weight's values; None if they are finite."""
    if "float" not in variable.dtype or bool(ops.all(ops.isfinite(variable))):
        return None
    value = "NaN" if bool(ops.any(ops.isnan(variable))) else "infinity"
    return f"Expected finite weights; received {value} in {variable.path}"


def _shown(images: Sequence[Path]) -> str:
    """Return the first names, each with its folder: the class."""
    names = ", ".join(repr("/".join(path.parts[-2:])) for path in images[:SHOWN])
    more = len(images) - SHOWN
    return f"{names} and {more} more" if more > 0 else names
