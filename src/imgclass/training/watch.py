"""The protocol of objects that follow a training from outside, epoch by epoch."""

from collections.abc import Sequence
from typing import Any, Protocol

from imgclass.training.history import Epoch


class Watch(Protocol):
    """Is told when training begins, where a resumed one continues, and of every complete epoch.

    Example:
        >>> class Print:
        ...     def ready(self):
        ...         print("learning")
        ...     def resumed(self, epochs, best_epoch, best):
        ...         print(f"continuing after {len(epochs)} epochs")
        ...     def epoch_ended(self, epoch, best):
        ...         print(f"{epoch.val_accuracy:.2f}", "kept" if best else "")
        >>> watch: Watch = Print()
        >>> watch.epoch_ended(Epoch(1.2, 0.5, 1.0, 0.6, 1e-3, 2.0), None)
        0.60
    """

    def ready(self) -> None:
        """Hear that the first batch comes next, after the features of frozen layers.

        An error raised here ends the training before anything is learned.
        """
        ...

    def resumed(self, epochs: Sequence[Epoch], best_epoch: int | None, best: Any | None) -> None:
        """Hear that a training continues.

        Args:
            epochs: Those before.
            best_epoch: Position of the best of them, from 0; None if there is none.
            best: The `keras.Model` in training with the best weights so far; None if there are
                none.
        """
        ...

    def epoch_ended(self, epoch: Epoch, best: Any | None) -> None:
        """Hear of a complete epoch; an error raised here ends the training.

        Args:
            epoch: The epoch.
            best: The `keras.Model` in training if its weights are the best so far, or None.
        """
        ...
