"""A generator's random changes, drawn from a random state of its own.

Keras's `ImageDataGenerator` draws from `numpy.random`, which the whole process shares: seeding it,
even for a moment, would change what other threads draw. So its methods run with another
`numpy.random`.
"""

from types import FunctionType, new_class
from typing import Any

import numpy as np

# From the image as it is loaded to what the model receives.
_METHODS = ("random_transform", "get_random_transform", "apply_transform", "standardize")
_OTHER_NAMES = {"ranf": "random_sample", "sample": "random_sample"}  # of functions, not methods


def drawing_from(state: np.random.RandomState, generator: Any) -> Any:
    """Return a form of `generator` that draws its random changes from `state`.

    It shares its attributes with `generator`. Subclasses of `ImageDataGenerator` work too, with
    their overrides and `super()`. Functions that the methods call, such as a
    `preprocessing_function`, run unchanged and have to seed their own random numbers.
    """
    original = type(generator)
    replacements = _replacements(state)
    # Before each class comes one with copies of its methods: `super()` leads from copy to copy.
    copies = [
        _subclass(kind, {name: _copy(vars(kind)[name], replacements) for name in own})
        for kind in original.__mro__
        if (own := [name for name in _METHODS if isinstance(vars(kind).get(name), FunctionType)])
        or kind is original
    ]
    form: Any = object.__new__(new_class(original.__name__, tuple(copies)))
    form.__dict__ = vars(generator)
    return form


def _subclass(kind: type, methods: dict[str, FunctionType]) -> type:
    return new_class(kind.__name__, (kind,), exec_body=lambda names: names.update(methods))


def _copy(method: FunctionType, replacements: dict[int, Any]) -> FunctionType:
    """Return `method` with some of its module's names replaced, by the identity of their values."""
    names = {name: replacements.get(id(it), it) for name, it in method.__globals__.items()}
    copy = FunctionType(
        method.__code__, names, method.__name__, method.__defaults__, method.__closure__
    )
    copy.__kwdefaults__ = method.__kwdefaults__
    return copy


def _replacements(state: np.random.RandomState) -> dict[int, Any]:
    """Return what replaces NumPy, `numpy.random` and each of its functions."""
    methods = {
        name: getattr(state, _OTHER_NAMES.get(name, name), None) for name in np.random.__all__
    }
    functions = {name: method for name, method in methods.items() if method is not None}
    random = _Variant(np.random, functions)
    by_function = {id(getattr(np.random, name)): it for name, it in functions.items()}
    return {id(np): _Variant(np, {"random": random}), id(np.random): random, **by_function}


class _Variant:
    """A module with some of its attributes replaced."""

    def __init__(self, module: Any, replaced: dict[str, Any]) -> None:
        self._module = module
        self.__dict__.update(replaced)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)
