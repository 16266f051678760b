"""Which callbacks can work in a training, and why others cannot: said before it begins."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import keras

from imgclass.errors import UsageError
from imgclass.training.averages import has_averages, singles
from imgclass.training.compile_settings import has_own_optimizer

CONSTANT = 'schedule="constant" (--schedule constant)'


@dataclass(frozen=True, slots=True)
class Setting:
    """What callbacks are to work in.

    Attributes:
        optimizers: Of each phase.
        is_own_object: Whether the optimizer is an object of the user's.
        goes_on: Whether the training goes on from a checkpoint.
    """

    optimizers: Sequence[Any]
    is_own_object: bool
    goes_on: bool = False

    @property
    def has_phases(self) -> bool:
        """Whether there is more than one phase."""
        return len(self.optimizers) > 1

    @property
    def has_schedule(self) -> bool:
        """Whether the learning rate is a schedule, which nobody else can set."""
        return any(map(_is_scheduled, singles(self.optimizers)))

    @property
    def has_averages(self) -> bool:
        """Whether an optimizer keeps averages of the weights."""
        return has_averages(self.optimizers)


def require_usable(callbacks: Iterable[keras.callbacks.Callback], setting: Setting) -> None:
    """Refuse a callback that could not do here what it does with Keras's `fit`.

    Raises:
        UsageError: There is one; the message says why, and what to do.
    """
    for callback in callbacks:
        for kind, fault_of in _FAULTS.items():
            if isinstance(callback, kind) and (fault := fault_of(callback, setting)):
                raise UsageError(f"{type(callback).__name__} cannot be used here: {fault}")


def _of_rate(callback: Any, setting: Setting) -> str | None:
    del callback
    if not setting.has_schedule:
        return None
    remedy = "a number as the optimizer's learning_rate" if setting.is_own_object else CONSTANT
    return (
        f"it sets the learning rate, which a schedule sets in every step. Expected {remedy} beside "
        f"it; received a schedule. Choose one of the two."
    )


def _of_backup(callback: Any, setting: Setting) -> str | None:
    del callback
    if setting.goes_on:
        return (
            "it would go on from its own backup, and the training goes on from its checkpoints. "
            "Leave it out."
        )
    if not setting.has_phases:
        return None
    return (
        "it keeps the weights and the number of the epoch, but not which of two phases is running "
        "and what learns in it. Expected head_epochs=0 beside it; received two phases "
        "(--head-epochs). Leave one of the two out."
    )


def _of_averages(callback: Any, setting: Setting) -> str | None:
    if not setting.has_averages:
        return (
            "it puts the averages into the model that an optimizer keeps of its weights. Expected "
            "an optimizer that keeps them, such as optimizer=keras.optimizers.AdamW(use_ema=True); "
            "received one that does not."
        )
    if setting.has_phases and callback.swap_on_epoch:
        return (
            "with swap_on_epoch=True it swaps weights and averages again in the next epoch, and "
            "the second of two phases has no averages yet. Expected swap_on_epoch=False, or one "
            "phase (no --head-epochs); received swap_on_epoch=True and two phases."
        )
    return None


def _of_file(callback: Any, setting: Setting) -> str | None:
    is_old = callback.filepath.endswith(".h5") and not callback.save_weights_only
    if not (is_old and any(map(has_own_optimizer, setting.optimizers))):
        return None
    return (
        f"its file would name an optimizer that Keras alone does not know. Expected a name that "
        f"ends in .keras, the newer format, in which it can be left out; received "
        f"{callback.filepath!r}."
    )


def _of_board(callback: Any, setting: Setting) -> str | None:
    del callback, setting
    missing = [name for name in ("tensorflow", "tensorboard") if find_spec(name) is None]
    if not missing:
        return None
    return (
        f"it writes by packages that are not installed. Expected tensorflow and tensorboard; "
        f"received no {' and no '.join(missing)}. Install: pip install {' '.join(missing)}."
    )


_FAULTS: dict[type, Callable[[Any, Setting], str | None]] = {
    keras.callbacks.LearningRateScheduler: _of_rate,
    keras.callbacks.ReduceLROnPlateau: _of_rate,
    keras.callbacks.BackupAndRestore: _of_backup,
    keras.callbacks.SwapEMAWeights: _of_averages,
    keras.callbacks.ModelCheckpoint: _of_file,
    keras.callbacks.TensorBoard: _of_board,
}


def _is_scheduled(optimizer: Any) -> bool:
    # What the optimizer says of itself: its learning_rate is the number of the moment.
    return not isinstance(optimizer.get_config().get("learning_rate"), float | int)
