"""Between a training that runs and its checkpoints: what is written when, and how it goes on."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from imgclass.training.best_weights import BestWeights
from imgclass.training.checkpoints.arrays import (
    are_finite,
    assign,
    learning_rates,
    metric_variables,
    named,
    random_states,
    set_random_states,
)
from imgclass.training.checkpoints.callback_states import go_on_with_file, remembered, remind
from imgclass.training.checkpoints.folder import Checkpoint, CheckpointFolder
from imgclass.training.checkpoints.state import Place, TrainingState
from imgclass.training.checkpoints.tensors import Arrays
from imgclass.training.config import TrainingConfig
from imgclass.training.epoch_notes import EpochClock, EpochNotes
from imgclass.training.interrupts import Interrupts
from imgclass.training.logs import Logs


@dataclass(frozen=True, slots=True)
class Memory:
    """Whatever of a training remembers something.

    Attributes:
        clock: Knows the epoch that runs.
        best: Has the best weights.
        notes: Has the epochs so far.
        callbacks: The user's own.
    """

    clock: EpochClock
    best: BestWeights
    notes: EpochNotes
    callbacks: Sequence[keras.callbacks.Callback]


class SaveCheckpoints(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Writes a checkpoint when training begins, after each epoch, and within a long one.

    It comes after all callbacks that it writes of. Within an epoch, it also writes one where an
    interruption was asked for, so that nothing of the epoch is lost.

    Args:
        folder: Where they go; None keeps none.
        state: What they say at first, or what is gone on from.
        memory: What they are made of.
        interrupts: Knows whether the training shall end.
        steps: Batches an epoch.
        num_phases: Phases of the training.
        within_epochs: Whether the state within an epoch can be gone on from.

    Attributes:
        state: What was last known; its place is kept up to date where there is no folder, too.
    """

    def __init__(
        self,
        folder: CheckpointFolder | None,
        state: TrainingState,
        memory: Memory,
        *,
        interrupts: Interrupts,
        steps: int,
        num_phases: int,
        within_epochs: bool,
    ) -> None:
        super().__init__()
        self.folder, self.state, self.memory, self.interrupts = folder, state, memory, interrupts
        self.steps, self.num_phases, self.within_epochs = steps, num_phases, within_epochs
        self._before: Checkpoint | None = None
        self._drawn_from: Arrays | None = None
        self._earlier = state.seconds
        self._began = self._written = time.perf_counter()

    @property
    def place(self) -> Place:
        """Where the training stands."""
        return self.state.place

    @property
    def seconds(self) -> float:
        """Wall time of the training, that before it was gone on with included."""
        return self._earlier + time.perf_counter() - self._began

    @property
    def goes_on(self) -> bool:
        """Whether it began before, and has not yet all that it had."""
        return self._before is not None

    def go_on_from(self, checkpoint: Checkpoint) -> None:
        """Let the training begin with what a checkpoint has, under the recipe of `state`."""
        self._before = checkpoint
        clock, notes, best, state = *self._of_trainer, self.state
        clock.go_on(state.place.epoch, first=state.first_epoch, phase=state.place.phase)
        notes.epochs = list(state.epochs)
        best.go_on(state.best_epoch, score=state.best_score, waited=state.waited)
        for callback in self.memory.callbacks:
            go_on_with_file(callback)

    def begin_phase(self, number: int, epochs: int) -> None:
        """Note which phase begins now; one that is gone on with keeps its place."""
        place = self.place
        if number != place.phase or self._before is None:
            start = self.memory.clock.following
            place = Place(start, phase=number, phase_start=start, phase_end=start + epochs)
            self.state = replace(self.state, place=place)

    def restore(self) -> None:
        """Give the compiled model and its optimizer what the checkpoint has."""
        assert self._before is not None
        arrays, config = self._before.arrays, self._before.state.config
        optimizer = self.model.optimizer
        new_rates = learning_rates(optimizer)
        assign(self.model.variables, arrays, "model")
        assign(optimizer.variables, arrays, "optimizer")
        if _rates(config) != _rates(self.state.config):
            for single, rate in new_rates:
                single.learning_rate = rate
        if config.batch_size != self.state.config.batch_size:
            done = (self.place.epoch - self.place.phase_start) * self.steps
            optimizer.iterations.assign(done)
        weights = self.model.get_weights()
        self.memory.best.keep([arrays.get(f"best/{i}", w) for i, w in enumerate(weights)])

    def on_train_begin(self, logs: Logs = None) -> None:
        """Write the first checkpoint, or let the user's callbacks remember."""
        del logs
        self._began = self._written = time.perf_counter()
        if self._before is None:
            self._write(self.place)
        elif not self.place.batch:
            self._remind(self._before)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Go on within an epoch, after everybody has taken it for a new one."""
        del epoch, logs
        if self._before is not None:
            assign(metric_variables(self.model), self._before.arrays, "metrics")
            self.memory.clock.turn_back(self.state.epoch_seconds)
            self._drawn_from = self._before.arrays
            self._remind(self._before)

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Let chance go on within an epoch, after PyTorch drew a seed for the epoch's loader."""
        del batch, logs
        if self._drawn_from is not None:
            set_random_states(self._drawn_from)
            self._drawn_from = None

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Write a checkpoint where it is time, or an interruption was asked for."""
        del logs
        done = batch + 1
        if self.folder is None or not self.within_epochs or done >= self.steps:
            return
        is_time = time.perf_counter() - self._written >= self.folder.every
        if is_time or self.interrupts.received is not None:
            if hasattr(self.model, "jax_state_sync"):
                self.model.jax_state_sync()
            if are_finite(self.model.variables):  # otherwise the next batch ends the training
                self._write(replace(self.place, batch=done))

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write the epoch's checkpoint."""
        del logs
        place, is_stopped, done = self.place, bool(self.model.stop_training), epoch + 1
        is_phase_over = is_stopped or self.memory.best.is_stalled or done >= place.phase_end
        is_over = is_stopped or (is_phase_over and place.phase == self.num_phases)
        self._write(
            replace(place, epoch=done, batch=0, is_phase_over=is_phase_over, is_over=is_over)
        )

    @property
    def _of_trainer(self) -> tuple[EpochClock, EpochNotes, BestWeights]:
        return self.memory.clock, self.memory.notes, self.memory.best

    def _remind(self, checkpoint: Checkpoint) -> None:
        for callback, plain in zip(self.memory.callbacks, self.state.callbacks, strict=True):
            remind(callback, plain, checkpoint.arrays)
        if not self.place.batch:
            set_random_states(checkpoint.arrays)
        self._before = None
        if self.state != checkpoint.state:  # what was changed on purpose counts from now on
            self._write(self.place)

    def _write(self, place: Place) -> None:
        self.state = replace(self.state, place=place)
        if self.folder is None:
            return
        clock, notes, best = self._of_trainer
        of_callbacks = [
            remembered(callback, at=f"callback/{i}")
            for i, callback in enumerate(self.memory.callbacks)
        ]
        self.state = replace(
            self.state,
            epochs=tuple(notes.epochs),
            first_epoch=clock.first,
            best_epoch=best.epoch,
            best_score=best.score,
            waited=best.waited,
            seconds=self.seconds,
            epoch_seconds=clock.seconds if place.batch else 0.0,
            callbacks=tuple(plain for plain, _ in of_callbacks),
        )
        self.folder.write(self.state, self._arrays(place) | dict(_merged(of_callbacks)))
        self._written = time.perf_counter()

    def _arrays(self, place: Place) -> dict[str, Any]:
        model, weights = self.model, self.model.get_weights()
        kept = self.memory.best.weights or weights
        better = {
            f"best/{i}": best
            for i, (own, best) in enumerate(zip(weights, kept, strict=True))
            if not np.array_equal(own, best)
        }
        metrics = named(metric_variables(model), "metrics") if place.batch else {}
        return (
            named(model.variables, "model")
            | named(model.optimizer.variables, "optimizer")
            | better
            | metrics
            | random_states()
        )


def _rates(config: TrainingConfig) -> tuple[Any, ...]:
    return config.learning_rate, config.fine_tune_rate, config.optimizer


def _merged(of_callbacks: Iterable[tuple[Any, dict[str, Any]]]) -> Iterator[tuple[str, Any]]:
    for _, arrays in of_callbacks:
        yield from arrays.items()
