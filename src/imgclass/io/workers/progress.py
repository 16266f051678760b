"""The progress of a piece of work, and a request to stop it between two files."""

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TypeVar

from imgclass.errors import InterruptedRunError

T = TypeVar("T")
Progress = Callable[[int, int], None]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class Steps:
    """The steps done of a piece of work; `progress(done, total)` is called after each."""

    progress: Progress | None = None
    total: int = 0
    done: int = 0
    stopping: bool = False

    def count(self, items: Iterable[T]) -> Iterator[T]:
        """Yield `items`, counting one step for each."""
        for item in items:
            self.done += 1
            if self.progress is not None:
                self.progress(self.done, self.total)
            yield item

    def go_on(self) -> None:
        """Raise an InterruptedRunError if a stop was requested."""
        if self.stopping:
            raise InterruptedRunError("Interrupted between two files.")


@contextmanager
def following(progress: Progress | None) -> Iterator[Steps]:
    """Report steps to `progress`; Ctrl-C or SIGTERM requests a stop, a second one stops at once.

    Only a program's main thread can receive signals.
    """
    steps = Steps(progress)

    def request_stop(_number: int, _frame: FrameType | None) -> None:
        if steps.stopping:
            raise KeyboardInterrupt
        steps.stopping = True

    replaced = {}
    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            handler = signal.getsignal(number)
            if handler not in {signal.SIG_IGN, None}:  # nohup, or not Python's to restore
                replaced[number] = signal.signal(number, request_stop)
    try:
        yield steps
    finally:
        for number, handler in replaced.items():
            signal.signal(number, handler)
