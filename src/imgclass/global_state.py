"""State of the whole process: observed, and restored after a change."""

import gc
import os
import random
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

State = Mapping[str, object]


def observe() -> State:
    """Return the settings that a plugin must not change, by name; nothing is imported for it."""
    state: dict[str, object] = {
        "the working directory": str(Path.cwd()),
        "the warning filters": tuple(warnings.filters),
        "Python's random generator": random.getstate(),
    }
    state |= {f"the environment variable {name}": value for name, value in os.environ.items()}
    numpy, keras = sys.modules.get("numpy"), sys.modules.get("keras")
    if numpy is not None:
        state["NumPy's random generator"] = repr(numpy.random.get_state(legacy=False))
    if keras is not None:
        state["Keras's precision"] = keras.config.dtype_policy().name
        state["Keras's float type"] = keras.config.floatx()
        state["Keras's image data format"] = keras.config.image_data_format()
    return state


def changed(before: State, after: State) -> tuple[str, ...]:
    """Return the names of the settings that differ, sorted."""
    return tuple(sorted(k for k in before.keys() | after.keys() if before.get(k) != after.get(k)))


@contextmanager
def kept_generators() -> Iterator[None]:
    """Restore Python's and NumPy's global random generators afterwards.

    Example:
        >>> state = random.getstate()
        >>> with kept_generators():
        ...     random.seed(1)
        >>> random.getstate() == state
        True
    """
    import numpy as np

    python, legacy = random.getstate(), np.random.get_state()  # noqa: NPY002 - Keras draws from it
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(legacy)  # noqa: NPY002 - Keras draws from it


@contextmanager
def collecting_later() -> Iterator[None]:
    """Pause garbage collection while very many values are made that all stay.

    It would look at all of them again each time their number grows by a quarter.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
