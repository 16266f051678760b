"""The user's callbacks: checked before training, asked after it what they restored."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import keras

from imgclass.errors import UsageError
from imgclass.training.optimizers import has_averages, is_of_imgclass, single_optimizers

CONSTANT = 'schedule="constant" (--schedule constant)'


@dataclass(frozen=True, slots=True)
class CallbackContext:
    """The training in which callbacks will run, with an optimizer for each phase."""

    optimizers: Sequence[Any]
    is_own_object: bool
    is_resumed: bool = False
    has_own_loss: bool = False

    @property
    def has_phases(self) -> bool:
        """Whether there are several phases."""
        return len(self.optimizers) > 1

    @property
    def has_schedule(self) -> bool:
        """Whether a schedule sets the learning rate, so that a callback cannot."""
        return any(map(_is_scheduled, single_optimizers(self.optimizers)))


def as_callbacks(given: Any) -> tuple[keras.callbacks.Callback, ...]:
    """Return one callback, or several, as a tuple.

    Example:
        >>> as_callbacks(keras.callbacks.TerminateOnNaN)
        Traceback (most recent call last):
        imgclass.errors.UsageError: Expected callbacks to be keras.callbacks.Callback objects;
        received the class TerminateOnNaN. Call it: TerminateOnNaN(...).
    """
    if isinstance(given, keras.callbacks.CallbackList):
        return tuple(given.callbacks)
    if isinstance(given, keras.callbacks.Callback):
        return (given,)
    several = given if isinstance(given, Iterable) and not isinstance(given, str) else (given,)
    callbacks = tuple(several)
    for callback in callbacks:
        if isinstance(callback, keras.callbacks.Callback):
            continue
        received = repr(callback)
        remedy = "Wrap a function: keras.callbacks.LambdaCallback(on_epoch_end=...)."
        if isinstance(callback, type):
            received = f"the class {callback.__name__}"
            remedy = f"Call it: {callback.__name__}(...)."
        raise UsageError(
            f"Expected callbacks to be keras.callbacks.Callback objects; received {received}. "
            f"{remedy}"
        )
    return callbacks


def averaging(
    callbacks: Iterable[keras.callbacks.Callback], optimizers: Iterable[Any]
) -> tuple[keras.callbacks.Callback, ...]:
    """Return SwapEMAWeights if the optimizer averages and the user gave none.

    Keras's `fit` ends with the averages in the model; this callback has them validated.
    """
    kind = keras.callbacks.SwapEMAWeights
    is_given = any(isinstance(callback, kind) for callback in callbacks)
    return (kind(),) if has_averages(optimizers) and not is_given else ()


def restored_epoch(callbacks: Iterable[keras.callbacks.Callback]) -> int | None:
    """Return the epoch, from 0, whose weights an EarlyStopping put into the model at the end."""
    epoch = None
    for callback in callbacks:
        if (
            isinstance(callback, keras.callbacks.EarlyStopping)
            and callback.restore_best_weights
            and callback.best_weights is not None
        ):
            epoch = int(callback.best_epoch)
    return epoch


def require_usable(callbacks: Iterable[keras.callbacks.Callback], context: CallbackContext) -> None:
    """Refuse a callback that could not do here what it does in Keras's `fit`."""
    for callback in callbacks:
        for kind, find_fault in _FAULTS.items():
            if isinstance(callback, kind) and (fault := find_fault(callback, context)):
                raise UsageError(f"{type(callback).__name__} cannot be used here: {fault}")


def _rate_fault(callback: Any, context: CallbackContext) -> str | None:
    del callback
    if not context.has_schedule:
        return None
    remedy = "a number as the optimizer's learning_rate" if context.is_own_object else CONSTANT
    return (
        f"it sets the learning rate, which a schedule sets in every step. Expected {remedy} beside "
        f"it; received a schedule. Choose one of the two."
    )


def _backup_fault(callback: Any, context: CallbackContext) -> str | None:
    del callback
    if context.is_resumed:
        return (
            "it would continue from its own backup, but the training continues from its "
            "checkpoints. Leave it out."
        )
    if not context.has_phases:
        return None
    return (
        "it keeps the weights and the number of the epoch, but not which of two phases is running "
        "and which layers learn in it. Expected head_epochs=0 beside it; received two phases "
        "(--head-epochs). Leave one of the two out."
    )


def _averages_fault(callback: Any, context: CallbackContext) -> str | None:
    if not has_averages(context.optimizers):
        return (
            "it puts the optimizer's averages of the weights into the model. Expected an optimizer "
            "that keeps averages, such as optimizer=keras.optimizers.AdamW(use_ema=True); received "
            "one that does not."
        )
    if context.has_phases and callback.swap_on_epoch:
        return (
            "with swap_on_epoch=True it swaps weights and averages again in the next epoch, and "
            "the second of two phases has no averages yet. Expected swap_on_epoch=False, or one "
            "phase (no --head-epochs); received swap_on_epoch=True and two phases."
        )
    return None


def _file_fault(callback: Any, context: CallbackContext) -> str | None:
    is_old = callback.filepath.endswith(".h5") and not callback.save_weights_only
    if not (is_old and (context.has_own_loss or any(map(is_of_imgclass, context.optimizers)))):
        return None
    part = "a loss" if context.has_own_loss else "an optimizer"
    return (
        f"its file would name {part} that only imgclass has, and would not load without it. "
        f"Expected a name that ends in .keras, the newer format, which can leave it out; received "
        f"{callback.filepath!r}."
    )


def _board_fault(callback: Any, context: CallbackContext) -> str | None:
    del callback, context
    missing = [name for name in ("tensorflow", "tensorboard") if find_spec(name) is None]
    if not missing:
        return None
    return (
        f"it needs packages that are not installed. Expected tensorflow and tensorboard; "
        f"received no {' and no '.join(missing)}. Install: pip install {' '.join(missing)}."
    )


_FAULTS: dict[type, Callable[[Any, CallbackContext], str | None]] = {
    keras.callbacks.LearningRateScheduler: _rate_fault,
    keras.callbacks.ReduceLROnPlateau: _rate_fault,
    keras.callbacks.BackupAndRestore: _backup_fault,
    keras.callbacks.SwapEMAWeights: _averages_fault,
    keras.callbacks.ModelCheckpoint: _file_fault,
    keras.callbacks.TensorBoard: _board_fault,
}


def _is_scheduled(optimizer: Any) -> bool:
    # Its configuration tells; its learning_rate is always a number.
    return not isinstance(optimizer.get_config().get("learning_rate"), float | int)
