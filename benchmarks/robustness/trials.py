"""Counting trials: each has a name and a time limit, and what goes wrong in it is kept."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

LIMIT = 10.0  # seconds; a trial that takes longer counts as blocked


class BrokenPromiseError(Exception):
    """Something that was promised did not hold."""


def require(held: object, message: str) -> None:
    """Do nothing where `held` is true.

    Raises:
        BrokenPromiseError: It is not.
    """
    if not held:
        raise BrokenPromiseError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        what: What was tried.
        promise: What should come of it.
        tried: How often.
        failures: Trials in which the promise did not hold.
        slowest_ms: Of one trial, in milliseconds.
        peak_mb: Most memory that the trying process had, in megabytes.
        note: How the trials ended, where there are several good ways.
    """

    what: str
    promise: str
    tried: int
    failures: tuple[str, ...] = ()
    slowest_ms: float | None = None
    peak_mb: float | None = None
    note: str = ""

    @property
    def survived(self) -> int:
        """Trials in which the promise held."""
        return self.tried - len(self.failures)


@dataclass(slots=True)
class Trials:
    """The trials of one row.

    Attributes:
        tried: How many there were.
        failures: What went wrong, with the trial's name.
        slowest: Seconds that the longest one took.

    Example:
        >>> trials = Trials()
        >>> with trials.trial("two and two"):
        ...     require(2 + 2 == 5, "they are four")
        >>> trials.tried, trials.failures
        (1, ['two and two: they are four'])
    """

    tried: int = 0
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0

    @contextmanager
    def trial(self, name: str, *, limit: float = LIMIT) -> Iterator[None]:
        """Count what happens inside as one trial, which is ended after `limit` seconds."""
        self.tried += 1
        began = time.perf_counter()
        try:
            with time_limit(limit):
                yield
        except BrokenPromiseError as error:
            self.failures.append(f"{name}: {error}")
        except Exception as error:  # noqa: BLE001  # whatever it is, it is the finding
            self.failures.append(f"{name}: {type(error).__name__}: {error}"[:500])
        self.slowest = max(self.slowest, time.perf_counter() - began)

    def row(self, *, what: str, promise: str, note: str = "") -> Row:
        """Return the line of the table."""
        return Row(
            what=what,
            promise=promise,
            tried=self.tried,
            failures=tuple(self.failures),
            slowest_ms=1000 * self.slowest,
            note=note,
        )


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """End what happens inside with `TimeoutError` after a time, also where it waits on a file."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"not at an end after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
