"""File jobs that a worker process can do, and the loop in which it does them.

A job is any function of a module that takes the file system and then JSON values, and returns a
JSON value. A worker imports it when it is first asked for.
"""

import json
import os
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from imgclass.io.fs import FileSystem

Job = Callable[..., Any]


def address(job: Job) -> str:
    """Return where a worker finds a job.

    Example:
        >>> address(serve)
        'imgclass.io.workers.jobs:serve'
    """
    return f"{job.__module__}:{job.__qualname__}"


def serve() -> None:
    """Do what the standard input asks, a line of JSON for each chunk, until it ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else prints must not come between answers
    files = FileSystem()
    for line in sys.stdin.buffer:
        name, common, chunk = json.loads(line)
        try:
            job = _found(name)
            reply = {"results": [job(files, *common, *own) for own in chunk]}
        except OSError as error:
            reply = {"error": [error.errno, error.strerror, error.filename]}
        try:
            answers.write(json.dumps(reply).encode() + b"\n")
            answers.flush()
        except BrokenPipeError:  # whoever asked was killed
            os._exit(1)


@cache
def _found(name: str) -> Job:
    module, _, function = name.partition(":")
    job: Job = getattr(import_module(module), function)
    return job
