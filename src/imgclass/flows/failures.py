"""A flow's error, raised as it was: TensorFlow's `fit` would raise another in its place."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def raising_failures(*flows: Any) -> Iterator[None]:
    """If the block fails because a batch of one of `flows` failed, raise the batch's error.

    Example:
        >>> class Broken:
        ...     failure = ValueError("1.png is damaged")
        >>> with raising_failures(Broken()):
        ...     raise RuntimeError("Graph execution error")
        Traceback (most recent call last):
        ValueError: 1.png is damaged
    """
    try:
        yield
    except Exception:
        for flow in flows:
            if (failure := getattr(flow, "failure", None)) is not None:
                raise failure from None
        raise
