"""The state of the user's callbacks, such as EarlyStopping's wait, as plain values."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from imgclass.training.checkpoints.tensors import can_be_kept

# Keras sets these on every callback.
_LEFT_OUT = {"_model", "params", "validation_data"}


class _NotPlainError(Exception):
    """A checkpoint cannot keep this value."""


def options_of(callback: keras.callbacks.Callback) -> dict[str, str]:
    """Return a callback's class, and its options that are plain values.

    Example:
        >>> options_of(keras.callbacks.TerminateOnNaN())
        {'TerminateOnNaN': 'given', 'TerminateOnNaN(raise_error)': 'False'}
    """
    name, known = type(callback).__name__, vars(callback)
    given = {each: known[each] for each in _parameters(type(callback)) if each in known}
    options = {f"{name}({each})": repr(value) for each, value in given.items() if _is_option(value)}
    return {name: "given"} | options


def callback_state(
    callback: keras.callbacks.Callback, *, prefix: str
) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Return a callback's attributes, but for options, that a checkpoint can keep.

    The JSON value refers to the arrays, whose names begin with `prefix`.
    """
    if isinstance(callback, keras.callbacks.CSVLogger):
        return {}, {}  # its state is in its file
    # Keras's callbacks never change their options, but for signs that they turn themselves.
    options = {
        name
        for kind in type(callback).__mro__
        if kind.__module__.startswith("keras.")
        for name in _parameters(kind)
    }
    arrays: dict[str, npt.NDArray[Any]] = {}
    plain = {}
    for name, value in vars(callback).items():
        if name in _LEFT_OUT or name in options:
            continue
        own: dict[str, npt.NDArray[Any]] = {}
        try:
            plain[name] = _packed(value, f"{prefix}/{name}", own)
        except _NotPlainError:
            continue
        arrays |= own
    return plain, arrays


def append_to_file(callback: keras.callbacks.Callback) -> None:
    """Make a CSVLogger append to its file instead of overwriting it."""
    if isinstance(callback, keras.callbacks.CSVLogger):
        callback.append = True


def restore_callback(
    callback: keras.callbacks.Callback,
    plain: Mapping[str, Any],
    arrays: Mapping[str, npt.NDArray[Any]],
) -> None:
    """Set the attributes that `callback_state` returned."""
    for name, value in plain.items():
        setattr(callback, name, _unpacked(value, arrays))


def _packed(value: Any, at: str, arrays: dict[str, npt.NDArray[Any]]) -> Any:
    if value is None or isinstance(value, bool | str) or type(value) is int:
        return value
    if type(value) is float:
        return {"float": value.hex()}
    if isinstance(value, np.ndarray | np.generic) and can_be_kept(np.asarray(value)):
        arrays[at] = np.array(value)
        return {"array" if isinstance(value, np.ndarray) else "number": at}
    if type(value) in {list, tuple}:
        items = [_packed(item, f"{at}/{i}", arrays) for i, item in enumerate(value)]
        return items if type(value) is list else {"tuple": items}
    if type(value) is dict and all(type(key) is str for key in value):
        return {"dict": {k: _packed(item, f"{at}/{k}", arrays) for k, item in value.items()}}
    raise _NotPlainError


def _unpacked(value: Any, arrays: Mapping[str, npt.NDArray[Any]]) -> Any:
    if isinstance(value, list):
        return [_unpacked(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    [(kind, content)] = value.items()
    if kind == "float":
        return float.fromhex(content)
    unpack: Mapping[str, Callable[[], Any]] = {
        "array": lambda: np.array(arrays[content]),
        "number": lambda: arrays[content][()],
        "tuple": lambda: tuple(_unpacked(item, arrays) for item in content),
        "dict": lambda: {name: _unpacked(item, arrays) for name, item in content.items()},
    }
    return unpack[kind]()


def _parameters(kind: Any) -> list[str]:
    return list(inspect.signature(kind.__init__).parameters)[1:]


def _is_option(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float | str)
