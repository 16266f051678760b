"""A page on disk: whole, or as it was before."""

import os
from contextlib import suppress
from pathlib import Path

from imgclass.errors import MachineError


def write_page(target: Path, page: str) -> Path:
    """Replace the file `target` by `page`, and return where it is.

    Raises:
        MachineError: The file cannot be written; what was there before is left as it was.
    """
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        unfinished.write_text(page, encoding="utf-8", newline="\n")
        unfinished.replace(target)
    except OSError as error:
        reason = error.strerror or error
        raise MachineError(f"The page {target} could not be written: {reason}.") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return target
