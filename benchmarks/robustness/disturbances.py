"""What makes the system calls of a training, and disturbs one: an error, a full disk, a kill."""

import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from imgclass.io.fs import Call

# By Keras, and what adds our part to its file: each a call of many writes.
MODEL_STEPS = ("save", "_add_metadata")
NEED_ROOM = ("mkdir", "write", *MODEL_STEPS)


def failing_at(number: int, code: int, *, half: bool = False) -> Call:
    """Return what makes calls, of which one fails.

    Args:
        number: Its position, from 0.
        code: The error's number.
        half: Whether it first writes half of what it would write.
    """

    def fail(function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        if half:
            _do_half(function, arguments)
        raise OSError(code, os.strerror(code))

    return _at(number, fail)


def killing_at(number: int) -> Call:
    """Return what makes calls, and at one of them ends the process."""
    return _at(number, lambda *_: os.kill(os.getpid(), signal.SIGKILL))


def _at(number: int, happens: Callable[[Any, tuple[Any, ...]], None]) -> Call:
    made = [0]

    def call(function: Callable[..., Any], *arguments: Any) -> Any:
        made[0] += 1
        if made[0] == number + 1:
            happens(function, arguments)
        return function(*arguments)

    return call


def full_from(number: int) -> Call:
    """Return what makes calls on a disk that has no room for more from one of them on."""
    made = [0]

    def call(function: Callable[..., Any], *arguments: Any) -> Any:
        made[0] += 1
        creates = function is os.open and bool(arguments[1] & os.O_CREAT)
        if made[0] > number and (creates or function.__name__ in NEED_ROOM):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return function(*arguments)

    return call


def _do_half(function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """Write half of what a call would write."""
    if function is os.write:
        descriptor, data = arguments
        os.write(descriptor, data[: len(data) // 2])
    else:
        function(*arguments)
        written = Path(arguments[MODEL_STEPS.index(function.__name__)])
        os.truncate(written, written.stat().st_size // 2)
