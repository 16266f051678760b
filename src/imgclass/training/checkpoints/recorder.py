"""When a running training writes a checkpoint, and how it continues from one."""

import time
from dataclasses import replace
from typing import Any

import keras

from imgclass.training.checkpoints.arrays import (
    are_finite,
    assign,
    learning_rates,
    metric_variables,
    named,
    random_states,
    set_random_states,
)
from imgclass.training.checkpoints.folder import Checkpoint, CheckpointFolder
from imgclass.training.checkpoints.parts import RecordedParts
from imgclass.training.checkpoints.state import Place, TrainingState
from imgclass.training.checkpoints.tensors import Arrays
from imgclass.training.config import TrainingConfig
from imgclass.training.interrupts import Interrupts
from imgclass.training.logs import Logs
from imgclass.training.save_pace import SavePace


class SaveCheckpoints(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Writes a checkpoint when training begins, after each epoch, and within a long one.

    After very short epochs it writes one now and then: saving takes a twentieth of the time. With
    callbacks of the user's it writes one after each.
    It is called after all callbacks whose state it records. After Ctrl-C or SIGTERM it writes one
    within the epoch, of which nothing is lost.

    Attributes:
        folder: None for no checkpoints.
        state: The last known state; its place is up to date even without a folder.
        within_epochs: Whether a training could continue from within an epoch.
        learner: What `fit` trains: the model, or the part of it after frozen layers.
    """

    def __init__(
        self,
        folder: CheckpointFolder | None,
        state: TrainingState,
        parts: RecordedParts,
        *,
        interrupts: Interrupts,
        steps: int,
        num_phases: int,
        within_epochs: bool,
    ) -> None:
        super().__init__()
        self.folder, self.state, self.parts, self.interrupts = folder, state, parts, interrupts
        self.steps, self.num_phases, self.within_epochs = steps, num_phases, within_epochs
        self.learner: Any = None
        self._before: Checkpoint | None = None
        self._random_states: Arrays | None = None
        self._earlier = state.seconds
        self._began = time.perf_counter()
        self._pace = SavePace(folder.every if folder else 0.0)

    @property
    def place(self) -> Place:
        """How far the training has come."""
        return self.state.place

    @property
    def seconds(self) -> float:
        """Wall time, with that before it was resumed."""
        return self._earlier + time.perf_counter() - self._began

    @property
    def is_resuming(self) -> bool:
        """Whether a checkpoint is not fully restored yet."""
        return self._before is not None

    def resume(self, checkpoint: Checkpoint) -> None:
        """Start from a checkpoint, under the recipe of `state`."""
        self._before = checkpoint
        self.parts.resume(self.state)

    def begin_phase(self, number: int, epochs: int) -> None:
        """Note which phase begins; a resumed one keeps its place."""
        if number != self.place.phase or self._before is None:
            start = self.parts.clock.following
            place = Place(start, phase=number, phase_start=start, phase_end=start + epochs)
            self.state = replace(self.state, place=place)

    def restore(self) -> None:
        """Fill the compiled model and its optimizer from the checkpoint."""
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
        self.parts.best.keep([arrays.get(f"best/{i}", w) for i, w in enumerate(weights)])

    def on_train_begin(self, logs: Logs = None) -> None:
        """Write the first checkpoint or, resuming after an epoch, restore the callbacks."""
        del logs
        if self._before is None:
            self._write(self.place)
        elif not self.place.batch:
            self._restore_callbacks(self._before)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Resuming within an epoch, undo what callbacks have just reset for a new one."""
        del epoch, logs
        if self._before is not None:
            assign(metric_variables(self.learner), self._before.arrays, "metrics")
            self.parts.clock.add_seconds(self.state.epoch_seconds)
            self._random_states = self._before.arrays
            self._restore_callbacks(self._before)

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Restore random states, now that PyTorch has drawn a seed for its data loader."""
        del batch, logs
        if self._random_states is not None:
            set_random_states(self._random_states)
            self._random_states = None

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Write a checkpoint if the last one is old, or a signal came."""
        del logs
        done = batch + 1
        if self.folder is None or not self.within_epochs or done >= self.steps:
            return
        is_time = self._pace.since >= self.folder.every
        if is_time or self.interrupts.received is not None:
            if hasattr(self.learner, "jax_state_sync"):
                self.learner.jax_state_sync()
            if are_finite(self.model.variables):  # otherwise the next batch ends the training
                self._write(replace(self.place, batch=done))

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write the epoch's checkpoint, if it is due or the last one for now."""
        del logs
        place, is_stopped, done = self.place, bool(self.model.stop_training), epoch + 1
        is_phase_over = is_stopped or self.parts.best.is_stalled or done >= place.phase_end
        is_over = is_stopped or (is_phase_over and place.phase == self.num_phases)
        place = replace(place, epoch=done, batch=0, is_phase_over=is_phase_over, is_over=is_over)
        # Callbacks of the user's may write files, which a resumed training would write again.
        is_due = self._pace.is_due or bool(self.parts.callbacks)
        if is_due or is_phase_over or self.interrupts.received is not None:
            self._write(place)
        else:
            self.state = replace(self.state, place=place)

    def _restore_callbacks(self, checkpoint: Checkpoint) -> None:
        self.parts.restore_callbacks(self.state, checkpoint.arrays)
        if not self.place.batch:
            set_random_states(checkpoint.arrays)
        self._before = None
        if self.state != checkpoint.state:  # the recipe was changed
            self._write(self.place)

    def _write(self, place: Place) -> None:
        self.state = replace(self.state, place=place)
        if self.folder is None:
            return
        model = self.model
        self.state, of_callbacks = self.parts.recorded(self.state, place, seconds=self.seconds)
        arrays: dict[str, Any] = (
            named(model.variables, "model")
            | named(model.optimizer.variables, "optimizer")
            | self.parts.better_weights(model.get_weights())
            | (named(metric_variables(self.learner), "metrics") if place.batch else {})
            | random_states()
            | of_callbacks
        )
        with self._pace.saving():
            self.folder.write(self.state, arrays)


def _rates(config: TrainingConfig) -> tuple[Any, ...]:
    return config.learning_rate, config.fine_tune_rate, config.optimizer
