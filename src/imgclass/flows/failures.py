"""A flow's error, as it was raised: TensorFlow makes another of what comes up inside its `fit`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def raising_failures(*flows: Any) -> Iterator[None]:
    """Raise the error that a batch of one of `flows` ended in, in place of what came of it.

    Args:
        flows: What is read inside the block.

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
