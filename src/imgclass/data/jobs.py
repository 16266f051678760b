"""The file jobs that a worker process can do, and the loop in which it does them."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple
from types import MappingProxyType
from typing import Any, Literal

from imgclass.data.fs import FileSystem
from imgclass.data.inspection import Check, inspect_file
from imgclass.data.removal import remove_source

Job = Literal["inspect", "link", "symlink", "remove_source"]


def inspect(files: FileSystem, path: str, copy: str | None, check: Check) -> list[Any]:
    """Return what `inspect_file` finds, as a list."""
    return list(astuple(inspect_file(path, copy, check=check, files=files)))


_JOBS: Mapping[Job, Callable[..., Any]] = MappingProxyType(
    {
        "inspect": inspect,
        "link": FileSystem.link,
        "symlink": FileSystem.symlink,
        "remove_source": remove_source,
    }
)


def run_job(job: Job, arguments: Sequence[Any], files: FileSystem) -> Any:
    """Do one job.

    Args:
        job: Which.
        arguments: For it; JSON values.
        files: The file system that it uses.
    """
    return _JOBS[job](files, *arguments)


def serve() -> None:
    """Do what the standard input asks, a line of JSON for each chunk, until it ends."""
    files = FileSystem()
    for line in sys.stdin.buffer:
        job, chunk = json.loads(line)
        try:
            reply = {"results": [run_job(job, arguments, files) for arguments in chunk]}
        except OSError as error:
            reply = {"error": [error.errno, error.strerror, error.filename]}
        sys.stdout.buffer.write(json.dumps(reply).encode() + b"\n")
        sys.stdout.buffer.flush()
