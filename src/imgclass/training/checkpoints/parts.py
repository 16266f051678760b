"""The callbacks whose state a checkpoint records beside the model."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from imgclass.training.best_weights import BestWeights
from imgclass.training.checkpoints.callback_states import (
    append_to_file,
    callback_state,
    restore_callback,
)
from imgclass.training.checkpoints.state import Place, TrainingState
from imgclass.training.checkpoints.tensors import Arrays
from imgclass.training.epoch_notes import EpochClock, EpochNotes


@dataclass(frozen=True, slots=True)
class RecordedParts:
    """The callbacks that keep something between epochs; `callbacks` are the user's."""

    clock: EpochClock
    best: BestWeights
    notes: EpochNotes
    callbacks: Sequence[keras.callbacks.Callback]

    def resume(self, state: TrainingState) -> None:
        """Continue from `state`; call it before the training begins."""
        place = state.place
        self.clock.resume(place.epoch, first=state.first_epoch, phase=place.phase)
        self.notes.epochs = list(state.epochs)
        self.best.resume(state.best_epoch, score=state.best_score, waited=state.waited)
        for callback in self.callbacks:
            append_to_file(callback)

    def restore_callbacks(self, state: TrainingState, arrays: Arrays) -> None:
        """Give the user's callbacks their recorded state, once the training has begun."""
        for callback, plain in zip(self.callbacks, state.callbacks, strict=True):
            restore_callback(callback, plain, arrays)

    def recorded(
        self, state: TrainingState, place: Place, *, seconds: float
    ) -> tuple[TrainingState, dict[str, npt.NDArray[Any]]]:
        """Return `state` brought up to date, and the arrays of the user's callbacks."""
        plain: list[dict[str, Any]] = []
        arrays: dict[str, npt.NDArray[Any]] = {}
        for i, callback in enumerate(self.callbacks):
            values, own = callback_state(callback, prefix=f"callback/{i}")
            plain.append(values)
            arrays |= own
        state = replace(
            state,
            place=place,
            epochs=tuple(self.notes.epochs),
            first_epoch=self.clock.first,
            best_epoch=self.best.epoch,
            best_score=self.best.score,
            waited=self.best.waited,
            seconds=seconds,
            epoch_seconds=self.clock.seconds if place.batch else 0.0,
            callbacks=tuple(plain),
        )
        return state, arrays

    def better_weights(self, current: Sequence[Any]) -> dict[str, Any]:
        """Return the best weights that differ from the current ones, as `best/0` ..."""
        kept = self.best.weights or current
        return {
            f"best/{i}": best
            for i, (own, best) in enumerate(zip(current, kept, strict=True))
            if not np.array_equal(own, best)
        }
