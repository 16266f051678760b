"""Pace: how fast a training goes, and when it will end."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

# The first steps, in which TensorFlow and the processor's caches warm up, say little of the rest.
FORECAST_AFTER = 30.0  # seconds


class Pace:
    """Measures the steps of a training; tell it when epochs begin and end, and of each step.

    Args:
        total: Steps of the whole training.
        clock: Returns a time in seconds.

    Example:
        >>> times = iter([0.0, 1.0, 1.5, 2.0])
        >>> pace = Pace(total=100, clock=lambda: next(times))
        >>> pace.begin_epoch()
        >>> for done in (1, 2, 3):
        ...     pace.step(done)
        >>> pace.steps_per_second, pace.seconds_left
        (2.0, 48.5)
    """

    def __init__(self, *, total: int, clock: Callable[[], float] = time.perf_counter) -> None:
        self.total, self.clock = total, clock
        self.done = 0
        self._began: float | None = None
        self._first = self._last = self._epoch_began = 0.0
        self._steps = 0
        self._seconds_per_step: float | None = None

    def begin_epoch(self) -> None:
        """Note that an epoch begins."""
        self._epoch_began = self.clock()
        self._began = self._epoch_began if self._began is None else self._began
        self._steps = 0

    def step(self, done: int) -> None:
        """Note that a step is over, and with it `done` of the whole training."""
        self.done, self._last = done, self.clock()
        self._steps += 1
        if self._steps == 1:
            self._first = self._last  # it may have compiled the model

    def end_epoch(self) -> None:
        """Note that the epoch is over, its validation included."""
        if self._steps:
            self._seconds_per_step = (self.clock() - self._epoch_began) / self._steps

    @property
    def steps_per_second(self) -> float | None:
        """Of this epoch, without its first step; None before the second one."""
        seconds = self._last - self._first
        return (self._steps - 1) / seconds if self._steps > 1 and seconds > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """Until the end at the pace of the last epoch or, in the first, of its steps so far."""
        each = self._seconds_per_step
        if each is None and (speed := self.steps_per_second) is not None:
            each = 1 / speed
        return None if each is None else each * (self.total - self.done)

    def forecast(self, now: datetime) -> str:
        """Return when the training ends; empty in its first half minute.

        Example:
            >>> times = iter([0.0, 1.0, 41.0])
            >>> pace = Pace(total=8, clock=lambda: next(times))
            >>> pace.begin_epoch()
            >>> pace.step(done=1)
            >>> pace.step(done=2)
            >>> pace.forecast(datetime(2026, 1, 31, 23, 58))
            'about 4 min left, ends 00:02'
        """
        left = self.seconds_left
        if self._began is None or left is None or self._last - self._began < FORECAST_AFTER:
            return ""
        return f"about {_rounded(left)} left, ends {now + timedelta(seconds=left):%H:%M}"


def _rounded(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 2:  # noqa: PLR2004 - a minute is too coarse here
        return f"{max(10, round(seconds, -1)):.0f} s"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{minutes} min"
