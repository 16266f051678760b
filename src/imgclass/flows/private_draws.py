"""A generator's random changes, drawn from a random state of one's own.

Keras's `ImageDataGenerator` draws from `numpy.random`, which the whole process shares. Seeding it,
even for a moment, would change what other threads draw. Here the methods that draw run with another
`numpy.random` in its place, and the shared one is neither read nor changed.
"""

from types import FunctionType, new_class
from typing import Any

import numpy as np

# What stands between an image as it is loaded and as the model gets it.
_METHODS = ("random_transform", "get_random_transform", "apply_transform", "standardize")
# As modules have them after `from numpy.random import uniform`.
_FUNCTIONS = {id(getattr(np.random, name)): name for name in np.random.__all__}
_OTHER_NAMES = {"ranf": "random_sample", "sample": "random_sample"}  # of functions, not methods


def drawing_from(state: np.random.RandomState, generator: Any) -> Any:
    """Return `generator` in a form whose random changes are drawn from `state`.

    It has the same attributes as `generator`, not copies of them. A subclass of
    `ImageDataGenerator` works too, with what it overrides and with `super()`: inside these methods
    its module's names for NumPy mean one that draws from `state`. Functions that they call, such
    as a `preprocessing_function`, run as they are, and have to seed what they draw by themselves.

    Args:
        state: What is drawn from.
        generator: An `ImageDataGenerator`.

    Example:
        >>> class Generator:
        ...     def random_transform(self, image):
        ...         return image + np.random.randint(10)
        >>> [drawing_from(np.random.RandomState(3), Generator()).random_transform(0) for _ in "ab"]
        [8, 8]
    """
    original = type(generator)
    # Before each class of the method resolution order comes one that overrides its methods with
    # copies; so `super()` in one copy leads to the next copy.
    copies = [
        _subclass(kind, {name: _copy(vars(kind)[name], state) for name in own})
        for kind in original.__mro__
        if (own := [name for name in _METHODS if isinstance(vars(kind).get(name), FunctionType)])
        or kind is original
    ]
    form: Any = object.__new__(new_class(original.__name__, tuple(copies)))
    form.__dict__ = vars(generator)
    return form


def _subclass(kind: type, methods: dict[str, FunctionType]) -> type:
    return new_class(kind.__name__, (kind,), exec_body=lambda names: names.update(methods))


def _copy(method: FunctionType, state: np.random.RandomState) -> FunctionType:
    """Return `method` with the names that lead to NumPy's shared state leading to `state`."""
    names = {name: _replaced(value, state) for name, value in method.__globals__.items()}
    copy = FunctionType(
        method.__code__, names, method.__name__, method.__defaults__, method.__closure__
    )
    copy.__kwdefaults__ = method.__kwdefaults__
    return copy


def _replaced(value: Any, state: np.random.RandomState) -> Any:
    if value is np:
        return _Numpy(state)
    if value is np.random:
        return _Random(state)
    if id(value) in _FUNCTIONS:
        return getattr(_Random(state), _FUNCTIONS[id(value)])
    return value


class _Numpy:
    """NumPy with another `random`."""

    def __init__(self, state: np.random.RandomState) -> None:
        self.random = _Random(state)

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


class _Random:
    """`numpy.random` whose functions draw from a state of one's own."""

    def __init__(self, state: np.random.RandomState) -> None:
        self._state = state

    def __getattr__(self, name: str) -> Any:
        name = _OTHER_NAMES.get(name, name)
        return getattr(self._state if hasattr(self._state, name) else np.random, name)
