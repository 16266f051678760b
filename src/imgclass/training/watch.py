"""Who follows a training from outside, epoch by epoch."""

from typing import Any, Protocol

from imgclass.training.history import Epoch


class Watch(Protocol):
    """Is told of every whole epoch while a model trains.

    Example:
        >>> class Print:
        ...     def epoch_ended(self, epoch: Epoch, best: object) -> None:
        ...         print(f"{epoch.val_accuracy:.2f}", "kept" if best else "")
        >>> watch: Watch = Print()
        >>> watch.epoch_ended(Epoch(1.2, 0.5, 1.0, 0.6, 1e-3, 2.0), None)
        0.60
    """

    def epoch_ended(self, epoch: Epoch, best: Any | None) -> None:
        """Take note of an epoch.

        An error that this raises ends the training.

        Args:
            epoch: What happened.
            best: The model in training, a `keras.Model`, where its weights are the best so far.
        """
        ...
