"""A function that stands in for a method of layers while a model trains."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any


@contextmanager
def standing_in(function: Callable[..., Any], method: str, layers: Iterable[Any]) -> Iterator[None]:
    """Let `function(layer, ...)` stand in for a method of some layers.

    Layers keep their class, so that a file saved by a callback needs only Keras. Nesting is safe.
    """
    chosen = [layer for layer in layers if method not in vars(layer)]
    try:
        for layer in chosen:
            # Keras and TensorFlow would track and save an attribute.
            vars(layer)[method] = partial(function, layer)
        yield
    finally:
        for layer in chosen:
            vars(layer).pop(method, None)
