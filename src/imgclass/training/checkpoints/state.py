"""Where a training stands: the frozen value that a checkpoint keeps next to its arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imgclass.training.config import TrainingConfig
from imgclass.training.history import Epoch


@dataclass(frozen=True, slots=True)
class Place:
    """How far a training has come.

    Attributes:
        epoch: Complete epochs; also the number of the next one, counted from 0.
        batch: Batches of the next epoch that are learned already.
        phase: The phase that runs, counted from 1.
        phase_start: Number of the first epoch of this phase.
        phase_end: Number of the epoch before which it ends, unless something ends it earlier.
        is_phase_over: Whether the phase has ended.
        is_over: Whether the training has ended.

    Example:
        >>> str(Place(epoch=3, phase=1, phase_start=0, phase_end=8))
        'epoch 3'
        >>> str(Place(epoch=3, batch=120, phase=1, phase_start=0, phase_end=8))
        'epoch 4, batch 120'
    """

    epoch: int
    phase: int
    phase_start: int
    phase_end: int
    batch: int = 0
    is_phase_over: bool = False
    is_over: bool = False

    def __str__(self) -> str:
        if self.batch:
            return f"epoch {self.epoch + 1}, batch {self.batch}"
        return f"epoch {self.epoch}" if self.epoch else "the start"


@dataclass(frozen=True, slots=True)
class Setting:
    """What must be the same when a training is resumed: descriptions by name.

    Attributes:
        data: The batches and the classes.
        model: The model.
        versions: Versions of the packages that compute.
        machine: The machine; it may differ, at the cost of the last digits.
        callbacks: The class and the options of each of the user's callbacks.
    """

    data: Mapping[str, str] = field(hash=False)
    model: Mapping[str, str] = field(hash=False)
    versions: Mapping[str, str] = field(hash=False)
    machine: Mapping[str, str] = field(hash=False)
    callbacks: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class TrainingState:
    """Where a training stands; weights and other arrays are kept in a file next to it.

    Attributes:
        config: The recipe, filled in.
        setting: The data, model, versions and machine.
        place: How far the training has come.
        planned_epochs: The epochs for which the schedule was first made.
        added: First and last epoch of each phase that was added when a finished training was
            given more epochs.
        epochs: The epochs so far.
        first_epoch: Number of the first epoch that ran, counted from 0.
        best_epoch: Number of the best epoch; None if no epoch is complete.
        best_score: Its val accuracy, and its negated val loss.
        waited: Epochs of this phase since the best one.
        seconds: Wall time of the training so far.
        epoch_seconds: The part of `seconds` that belongs to the epoch that runs.
        callbacks: The state of each of the user's callbacks, in their order.
    """

    config: TrainingConfig
    setting: Setting
    place: Place
    planned_epochs: int
    added: tuple[tuple[int, int], ...] = ()
    epochs: tuple[Epoch, ...] = ()
    first_epoch: int = 0
    best_epoch: int | None = None
    best_score: tuple[float, float] = (0.0, 0.0)
    waited: int = 0
    seconds: float = 0.0
    epoch_seconds: float = 0.0
    callbacks: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)
