"""Where a training stands, as a checkpoint keeps it beside its arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imgclass.training.config import TrainingConfig
from imgclass.training.history import Epoch


@dataclass(frozen=True, slots=True)
class Place:
    """How far a training has come.

    Attributes:
        epoch: Complete epochs; also the number of the next one, from 0.
        batch: Batches of the next epoch that are learned already.
        phase: The phase that runs, from 1.
        phase_start: Its first epoch, from 0.
        phase_end: The epoch before which it ends, unless something ends it earlier.
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
        data: Of the batches and the classes.
        model: Of the layers, weights and precision.
        versions: Of the packages that compute.
        machine: It may differ, at the cost of the last digits.
        callbacks: Class and options of each of the user's callbacks.
    """

    data: Mapping[str, str] = field(hash=False)
    model: Mapping[str, str] = field(hash=False)
    versions: Mapping[str, str] = field(hash=False)
    machine: Mapping[str, str] = field(hash=False)
    callbacks: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class TrainingState:
    """Where a training stands; its arrays, such as weights, are in a file beside it.

    Attributes:
        config: The recipe, filled in.
        setting: What must be the same when it is resumed.
        place: How far the training has come.
        planned_epochs: The epochs for which the schedule was first made.
        added: Beginning and end, in epochs, of each phase added to a finished training.
        epochs: Those so far.
        first_epoch: Number of the first epoch that ran, from 0.
        best_epoch: Number of the best epoch, from 0; None if no epoch is complete.
        best_score: Its val accuracy, and its negated val loss.
        waited: Epochs of this phase since the best one.
        seconds: Wall time so far.
        epoch_seconds: The part of it that belongs to the epoch that runs.
        callbacks: State of each of the user's callbacks, in order.
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
