"""Errors of the operating system, turned into errors that name the file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imgclass.errors import MachineError


@contextmanager
def machine_errors(path: Path) -> Iterator[None]:
    """Turn an OSError into a MachineError that names the file and the reason."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise MachineError(f"{path} could not be written: {reason}.") from error
