"""Write a page to disk, whole or not at all."""

from pathlib import Path

from imgclass.errors import MachineError
from imgclass.io.fs import FileSystem


def write_page(target: Path, page: str) -> Path:
    """Write a page, replacing an older one, which stays if that fails."""
    try:
        FileSystem().write_whole(str(target), page.encode())
    except OSError as error:
        reason = error.strerror or error
        raise MachineError(f"The page {target} could not be written: {reason}.") from error
    return target
