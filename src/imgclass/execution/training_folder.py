"""The folder of several trainings: its record says what was asked for, so that the same goes on."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from imgclass.errors import RunError, UsageError
from imgclass.io.os_errors import machine_errors
from imgclass.io.untrusted_files import exists
from imgclass.run import directory
from imgclass.serialization import dump_json, read_json

Record = TypeVar("Record")


def open_folder(
    record: Path, asked: Record, *, what: str, difference: Callable[[Record, Record], str]
) -> None:
    """Make a folder with a record of what is asked for, or find one that has the same.

    Args:
        record: The file, in the folder.
        asked: What it holds, a frozen value.
        what: The folder is of, such as `learning curve`.
        difference: Says how what is there differs from what is asked for.

    Raises:
        UsageError: The folder has other files, or is of something else.
        RunError: The record is damaged.
    """
    path = record.parent
    if not exists(record):
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise UsageError(
                f"Expected a new folder for the {what}, or that of an earlier one; received "
                f"{path}, which has other files. Choose another (--out)."
            )
        with machine_errors(path):
            directory.FILES.make_directories(str(path))
        keep_file(record, dump_json(asked))
        return
    try:
        known = read_json(type(asked), record)
    except (OSError, ValueError) as error:
        raise RunError(f"Expected the record of a {what}: {error}") from error
    if known != asked:
        raise UsageError(
            f"Expected to go on with the {what} in {path}; that is of {difference(known, asked)}. "
            f"Ask for the same, or choose another folder (--out)."
        )


def keep_file(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        MachineError: It cannot be written.
    """
    data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    with machine_errors(path):
        directory.FILES.write_whole(str(path), data)
