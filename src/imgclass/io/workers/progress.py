"""How far the work is, told to whoever shows it, and the wish to stop, heard between two files."""

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
    """The steps of one piece of work.

    Attributes:
        progress: Called with the number of steps done, and of all.
        total: Of all steps.
        done: Of those that are behind.
        stopping: Whether the user wishes to stop.

    Example:
        >>> steps = Steps(progress=print, total=2)
        >>> list(steps.count("ab"))
        1 2
        2 2
        ['a', 'b']
    """

    progress: Progress | None = None
    total: int = 0
    done: int = 0
    stopping: bool = False

    def count(self, items: Iterable[T]) -> Iterator[T]:
        """Yield `items`, each one a step that is done."""
        for item in items:
            self.done += 1
            if self.progress is not None:
                self.progress(self.done, self.total)
            yield item

    def go_on(self) -> None:
        """Do nothing, unless the user wishes to stop.

        Raises:
            InterruptedRunError: The user does.
        """
        if self.stopping:
            raise InterruptedRunError("Interrupted between two files.")


@contextmanager
def following(progress: Progress | None) -> Iterator[Steps]:
    """Tell `progress` of the steps; take Ctrl-C and SIGTERM as a wish, the second one at once.

    Signals belong to a program's main thread; in any other one none is heard.
    """
    steps = Steps(progress)

    def note(_number: int, _frame: FrameType | None) -> None:
        if steps.stopping:
            raise KeyboardInterrupt
        steps.stopping = True

    heard = {}
    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            handler = signal.getsignal(number)
            if handler not in {signal.SIG_IGN, None}:  # nohup, or not Python's to restore
                heard[number] = signal.signal(number, note)
    try:
        yield steps
    finally:
        for number, handler in heard.items():
            signal.signal(number, handler)
