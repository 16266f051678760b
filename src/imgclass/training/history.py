"""What happened epoch by epoch, as a frozen value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the training images.

    Attributes:
        loss: Mean over the epoch's batches, with dropout and augmentation on: no clean train loss.
        accuracy: Running average over the same batches, in 0-1: no clean train accuracy.
        val_loss: On the validation images after the epoch.
        val_accuracy: On the validation images after the epoch, in 0-1.
        learning_rate: At the end of the epoch.
        seconds: Wall time, validation included.
    """

    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float
    seconds: float


@dataclass(frozen=True, slots=True)
class History:
    """Every epoch of one training, and which of them the weights are from.

    Attributes:
        epochs: In order.
        best_epoch: Position in `epochs` of the weights that were kept, from 0.
        stopped_early: Whether patience ran out before the last epoch.
        seconds: Wall time of fitting, compilation included.
        last_phase: Position in `epochs` where the last phase began; 0 where there was one phase.

    Example:
        >>> epoch = Epoch(1.2, 0.5, 1.0, 0.6, 1e-3, 2.0)
        >>> history = History(epochs=(epoch,), best_epoch=0, stopped_early=False, seconds=2.5)
        >>> history.best.val_accuracy
        0.6
    """

    epochs: tuple[Epoch, ...]
    best_epoch: int
    stopped_early: bool
    seconds: float
    last_phase: int = 0

    @property
    def best(self) -> Epoch:
        """The epoch whose weights were kept."""
        return self.epochs[self.best_epoch]
