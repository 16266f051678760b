"""A page on disk: whole, or as it was before."""

from pathlib import Path

from imgclass.errors import MachineError
from imgclass.io.fs import FileSystem


def write_page(target: Path, page: str) -> Path:
    """Replace the file `target` by `page`, and return where it is.

    Raises:
        MachineError: The file cannot be written; what was there before is left as it was.
    """
    try:
        FileSystem().write_whole(str(target), page.encode())
    except OSError as error:
        reason = error.strerror or error
        raise MachineError(f"The page {target} could not be written: {reason}.") from error
    return target
