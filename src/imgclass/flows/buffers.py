"""Scratch arrays that each thread keeps, so that memory is not asked for again and again."""

import math
import threading
from typing import Any

import numpy as np
import numpy.typing as npt


class Buffers(threading.local):
    """Arrays by name and type; what one holds is lost when its name is asked for again.

    Augmenting a batch takes a dozen arrays of its size. Made anew each time, the page faults were
    measured to take twice as long as the arithmetic.

    Example:
        >>> buffers = Buffers()
        >>> buffers("rows", (2, 3), np.int32).shape
        (2, 3)
        >>> np.shares_memory(buffers("rows", (4,), np.int32), buffers("rows", (5,), np.int32))
        True
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Any], npt.NDArray[Any]] = {}

    def __call__(self, name: str, shape: tuple[int, ...], dtype: Any) -> Any:
        """Return an array of `shape` and `dtype` with anything in it."""
        size = math.prod(shape)
        kept = self._kept.get((name, dtype))
        if kept is None or kept.size < size:
            kept = self._kept[name, dtype] = np.empty(size, dtype)
        return kept[:size].reshape(shape)
