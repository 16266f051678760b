"""What a checkpoint says beside its arrays: where the training stands, as a frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imgclass.training.config import TrainingConfig
from imgclass.training.history import Epoch


@dataclass(frozen=True, slots=True)
class Place:
    """How far a training has come.

    Attributes:
        epoch: Whole epochs, which is also the number of the next one, counted from 0.
        batch: Batches of that next epoch that are learned already.
        phase: The phase that runs, counted from 1.
        phase_start: Number of the epoch that this phase began with.
        phase_end: Number of the epoch before which it ends, if nothing ends it earlier.
        is_phase_over: Whether it has ended.
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
    """What a training runs on, in words: what must be the same where it goes on.

    Attributes:
        data: What the batches and the classes are, by name.
        model: What the model is.
        versions: Of the packages that compute.
        machine: What may differ at the cost of the last bits.
        callbacks: Of the user's: the class of each and its options.
    """

    data: Mapping[str, str] = field(hash=False)
    model: Mapping[str, str] = field(hash=False)
    versions: Mapping[str, str] = field(hash=False)
    machine: Mapping[str, str] = field(hash=False)
    callbacks: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class TrainingState:
    """Where a training stands; the weights and all other arrays lie beside it.

    Attributes:
        config: The recipe, filled in.
        setting: What it runs on.
        place: How far it has come.
        planned_epochs: For how many the schedule was made at first.
        added: First and last epoch of each phase that was added when a finished training was
            given more epochs.
        epochs: What happened so far.
        first_epoch: Number of the first one that ran, counted from 0.
        best_epoch: Number of the best one; None where none was whole.
        best_score: Its val accuracy, and its val loss with the sign turned.
        waited: Epochs since the best one in this phase.
        seconds: Wall time of the training so far.
        epoch_seconds: Of them, those of the epoch that runs.
        callbacks: What the user's callbacks remember, in their order.
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
