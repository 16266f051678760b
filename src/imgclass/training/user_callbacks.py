"""Callbacks of the user's: as they are given, and what they leave in the end."""

from collections.abc import Iterable
from typing import Any

import keras

from imgclass.errors import UsageError
from imgclass.training.averages import has_averages


def as_callbacks(given: Any) -> tuple[keras.callbacks.Callback, ...]:
    """Return one callback, or several, as a tuple.

    Raises:
        UsageError: Something is no `keras.callbacks.Callback`.

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
        if not isinstance(callback, keras.callbacks.Callback):
            is_class = isinstance(callback, type)
            received = f"the class {callback.__name__}" if is_class else repr(callback)
            remedy = (
                f"Call it: {callback.__name__}(...)."
                if is_class
                else "A function becomes one by keras.callbacks.LambdaCallback(on_epoch_end=...)."
            )
            raise UsageError(
                f"Expected callbacks to be keras.callbacks.Callback objects; received {received}. "
                f"{remedy}"
            )
    return callbacks


def averaging(
    callbacks: Iterable[keras.callbacks.Callback], optimizers: Iterable[Any]
) -> tuple[keras.callbacks.Callback, ...]:
    """Return what lets averages of the weights be validated, where the user has nothing for it.

    Keras's `fit` ends with the averages, validated or not.
    """
    kind = keras.callbacks.SwapEMAWeights
    is_there = any(isinstance(callback, kind) for callback in callbacks)
    return (kind(),) if has_averages(optimizers) and not is_there else ()


def restored_epoch(callbacks: Iterable[keras.callbacks.Callback]) -> int | None:
    """Return the number of the epoch whose weights a callback gave the model in the end.

    Args:
        callbacks: After the end of the training.

    Returns:
        It, counted from 0; None where no EarlyStopping has restored weights.
    """
    epoch = None
    for callback in callbacks:
        if (
            isinstance(callback, keras.callbacks.EarlyStopping)
            and callback.restore_best_weights
            and callback.best_weights is not None
        ):
            epoch = int(callback.best_epoch)
    return epoch
