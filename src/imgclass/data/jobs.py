"""The file jobs that a worker process can do, and the loop in which it does them."""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

from imgclass.data.comparing import is_whole, put_back, remove_source
from imgclass.data.fs import FileSystem
from imgclass.data.inspection import Errand, Inspection, Way, inspect_file

Job = Literal["inspect", "is_whole", "put_back", "remove_source"]


def _inspect(files: FileSystem, *words: Any) -> Inspection:
    return inspect_file(Way(*words[:4]), Errand(*words[4:]), files)


_JOBS: Mapping[Job, Callable[..., Any]] = MappingProxyType(
    {
        "inspect": _inspect,
        "is_whole": is_whole,
        "put_back": put_back,
        "remove_source": remove_source,
    }
)


def run_job(job: Job, common: Sequence[Any], arguments: Sequence[Any], files: FileSystem) -> Any:
    """Do one job.

    Args:
        job: Which.
        common: The arguments that it shares with others; JSON values.
        arguments: Those of its own.
        files: The file system that it uses.
    """
    return _JOBS[job](files, *common, *arguments)


def serve() -> None:
    """Do what the standard input asks, a line of JSON for each chunk, until it ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else prints must not come between answers
    files = FileSystem()
    for line in sys.stdin.buffer:
        job, common, chunk = json.loads(line)
        try:
            reply = {"results": [run_job(job, common, own, files) for own in chunk]}
        except OSError as error:
            reply = {"error": [error.errno, error.strerror, error.filename]}
        try:
            answers.write(json.dumps(reply).encode() + b"\n")
            answers.flush()
        except BrokenPipeError:  # whoever asked was killed
            os._exit(1)
