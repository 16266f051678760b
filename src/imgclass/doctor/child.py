"""A Python process that is asked one thing, with a time limit, and may do whatever it likes."""

import json
import subprocess
import sys
from dataclasses import dataclass
from threading import Event, Timer
from typing import Any

# Keras alone took 11 s to import on a two-core machine; a cold disk takes longer.
START_LIMIT = 180.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a child ended.

    Attributes:
        answer: What it said; None where it ended, or was ended, before it could.
        exit_code: Its exit code, negative for a signal.
        timed_out: Whether it was ended for taking too long.
    """

    answer: Any
    exit_code: int
    timed_out: bool


def ask(module: str, *arguments: str, limit: float) -> Outcome:
    """Run `python -m module arguments` and return what it answers.

    The child writes two lines: an empty one when it is ready, and its answer in JSON. What it does
    between them counts against the limit; the start of Python and Keras does not.

    Args:
        module: The module to run.
        arguments: Its arguments.
        limit: Seconds.
    """
    late = Event()
    with subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        assert child.stdout is not None

        def end() -> None:
            late.set()
            child.kill()

        said = b""
        for seconds in (START_LIMIT, limit):
            timer = Timer(seconds, end)
            timer.start()
            said = child.stdout.readline()
            if not said:
                break
            timer.cancel()
        if said:
            child.kill()  # what a plugin left running must not keep it
        exit_code = child.wait()
        timer.cancel()
    return Outcome(json.loads(said) if said else None, exit_code, timed_out=late.is_set())
