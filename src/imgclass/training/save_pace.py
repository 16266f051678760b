"""When to save again, so that saving takes little of a training's time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

SHARE = 0.05  # of the time, at most, for saving after each of many short epochs


class SavePace:
    """Remembers how long the last save took, and says when the next one is due.

    A save is due when 19 times its duration has passed without one, or `every` seconds if that is
    less. The first is due at once.
    """

    def __init__(self, every: float = float("inf")) -> None:
        self.every = every
        self._took = 0.0
        self._ended = -float("inf")

    @property
    def is_due(self) -> bool:
        """Whether to save after an epoch."""
        wait = self._took * (1 - SHARE) / SHARE
        return self.since >= min(self.every, wait)

    @property
    def since(self) -> float:
        """Seconds since the last save."""
        return time.perf_counter() - self._ended

    @contextmanager
    def saving(self) -> Iterator[None]:
        """Measure a save."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._ended = time.perf_counter()
            self._took = self._ended - began
