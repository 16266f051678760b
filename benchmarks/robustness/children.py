"""Functions called in processes of their own, forked off this one: what it imported is there."""

import os
import pickle
import select
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.robustness.trials import BrokenPromiseError


@dataclass(slots=True)
class Child:
    """A process that calls a function.

    Attributes:
        pid: Its number.
        pipe: The descriptor that its answer comes from.
        has_ended: Whether its end was waited for; its number may be another's then.
    """

    pid: int
    pipe: int
    has_ended: bool = False

    @property
    def is_done(self) -> bool:
        """Whether it has answered, or ended without."""
        return self.has_ended or bool(select.select([self.pipe], [], [], 0)[0])

    def result(self) -> Any:
        """Wait for its end, and return what the function returned.

        Raises:
            BrokenPromiseError: The function raised an error, or the process ended before.
        """
        answer = self._answer()
        if not answer:
            raise BrokenPromiseError("the process ended without an answer")
        value, fault = pickle.loads(answer)  # noqa: S301  # our own child's
        if fault:
            raise BrokenPromiseError(fault)
        return value

    def was_killed(self) -> bool:
        """Wait for its end, and return whether it gave no answer."""
        return not self._answer()

    def stop(self) -> None:
        """End it, unless it has ended."""
        if not self.has_ended:
            os.kill(self.pid, signal.SIGKILL)
            self._answer()

    def _answer(self) -> bytes:
        try:
            with os.fdopen(self.pipe, "rb") as pipe:
                return pipe.read()
        except BaseException:  # the time that a trial may take is over
            os.kill(self.pid, signal.SIGKILL)
            raise
        finally:
            os.waitpid(self.pid, 0)
            self.has_ended = True


def start(function: Callable[..., Any], *arguments: Any, **options: Any) -> Child:
    """Call a function in a child process, and do not wait for it."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            answer: tuple[Any, str] = function(*arguments, **options), ""
        except BrokenPromiseError as error:
            answer = None, str(error)
        except BaseException as error:  # noqa: BLE001  # whatever it is, the caller wants to know
            answer = None, f"{type(error).__name__}: {error}"
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(pickle.dumps(answer))
        os._exit(0)
    os.close(writing)
    return Child(pid, reading)


def in_child(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Call a function in a child process, and return what it returned.

    Raises:
        BrokenPromiseError: The function raised an error, or the process ended before.
    """
    return start(function, *arguments, **options).result()
