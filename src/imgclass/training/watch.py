"""Who follows a training from outside, epoch by epoch."""

from collections.abc import Sequence
from typing import Any, Protocol

from imgclass.training.history import Epoch


class Watch(Protocol):
    """Is told where a training goes on, and of every whole epoch.

    Example:
        >>> class Print:
        ...     def resumed(self, epochs, best_epoch, best):
        ...         print(f"going on after {len(epochs)} epochs")
        ...     def epoch_ended(self, epoch, best):
        ...         print(f"{epoch.val_accuracy:.2f}", "kept" if best else "")
        >>> watch: Watch = Print()
        >>> watch.epoch_ended(Epoch(1.2, 0.5, 1.0, 0.6, 1e-3, 2.0), None)
        0.60
    """

    def resumed(self, epochs: Sequence[Epoch], best_epoch: int | None, best: Any | None) -> None:
        """Take note that a training goes on where it stood.

        Args:
            epochs: What happened before.
            best_epoch: Position in them of the best one; None where there is none.
            best: The model in training, a `keras.Model`, with the best weights so far; None where
                there are none.
        """
        ...

    def epoch_ended(self, epoch: Epoch, best: Any | None) -> None:
        """Take note of an epoch.

        An error that this raises ends the training.

        Args:
            epoch: What happened.
            best: The model in training, a `keras.Model`, where its weights are the best so far.
        """
        ...
