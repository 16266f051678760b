"""The side of a child process: it reads jobs from standard input and writes back their results.

All travels as pickles, so a child imports a job's module when it is first asked for that job.
"""

import os
import pickle
import sys
from collections.abc import Callable
from typing import Any

from imgclass.io.fs import FileSystem

Job = Callable[..., Any]


def serve() -> None:
    """Do chunks of jobs until the standard input ends.

    A chunk is `(job, common, arguments)`, the answer the list of results, or an `OSError`.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a job prints must not come between answers
    files = FileSystem()
    while True:
        try:
            job, common, arguments = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our parent
        except (EOFError, pickle.UnpicklingError):  # the parent has finished, or was killed
            return
        try:
            answer: Any = [job(files, *common, *own) for own in arguments]
        except OSError as error:
            answer = error
        try:
            pickle.dump(answer, answers)
            answers.flush()
        except BrokenPipeError:  # the parent was killed
            os._exit(1)
