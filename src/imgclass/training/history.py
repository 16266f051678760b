"""What happened epoch by epoch, as a frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan

from imgclass.errors import TrainingError


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the training images.

    What is measured on the training images is a mean over the epoch's batches, with dropout and
    augmentation on, while the weights change: no clean loss and no clean accuracy of them.

    Attributes:
        loss: Cross-entropy on the training images, in nats, without label smoothing or penalties.
        accuracy: On the training images, in 0-1.
        val_loss: Cross-entropy on the validation images after the epoch, in nats.
        val_accuracy: On the validation images after the epoch, in 0-1.
        learning_rate: At the end of the epoch.
        seconds: Wall time, validation included.
        objective: What is minimised: the loss with label smoothing, or your own, and penalties.
        val_objective: The same on the validation images.
        phase: Which phase of the training it belongs to, counted from 1.
        metrics: Your own metrics by Keras's names, those on the validation images as `val_...`.
    """

    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float
    seconds: float
    objective: float = nan
    val_objective: float = nan
    phase: int = 1
    metrics: Mapping[str, float] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class History:
    """Every whole epoch of one training, and which of them the weights are from.

    Attributes:
        epochs: In order.
        best_epoch: Position in `epochs` of the weights that were kept, from 0; None where there
            are none of a whole epoch, and the weights are those that training began with.
        stopped_early: Whether training ended before its last epoch without an error.
        seconds: Wall time of fitting, compilation included.

    Example:
        >>> epoch = Epoch(1.2, 0.5, 1.0, 0.6, 1e-3, 2.0)
        >>> history = History(epochs=(epoch,), best_epoch=0, stopped_early=False, seconds=2.5)
        >>> history.best.val_accuracy, history.last_phase
        (0.6, 0)
    """

    epochs: tuple[Epoch, ...]
    best_epoch: int | None
    stopped_early: bool
    seconds: float

    @property
    def best(self) -> Epoch:
        """The epoch whose weights were kept.

        Raises:
            TrainingError: There is none.
        """
        if self.best_epoch is None:
            raise TrainingError(
                "Expected an epoch whose weights were kept; none was whole, and the weights are "
                "those that training began with. Ask `history.best_epoch is None` first."
            )
        return self.epochs[self.best_epoch]

    @property
    def last_phase(self) -> int:
        """Position in `epochs` where the last phase began; 0 where there was one phase."""
        phases = [epoch.phase for epoch in self.epochs]
        return phases.index(phases[-1]) if phases else 0
