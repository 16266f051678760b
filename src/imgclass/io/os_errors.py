"""Errors of the operating system, turned into errors that name the file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imgclass.errors import MachineError


@contextmanager
def machine_errors(path: Path) -> Iterator[None]:
    """Turn an OSError into a MachineError that names the file and the reason.

    Example:
        >>> with machine_errors(Path("run.json")):
        ...     raise OSError(28, "No space left on device")
        Traceback (most recent call last):
        imgclass.errors.MachineError: run.json could not be written: No space left on device.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise MachineError(f"{path} could not be written: {reason}.") from error
