"""Free memory, and an array that goes to a temporary file if it needs too much of it."""

import errno
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from imgclass.errors import MachineError

SHARE = 0.5  # of the free memory; the model, its gradients and the batches need the rest

_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")  # of a container: its limit and what it uses, in versions 2 and 1
_LIMITS = (
    ("memory.max", "memory.current"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
)
# The place for large temporary files (systemd's file-hierarchy(7)); /tmp may itself be in memory.
_LARGE_FILES = Path("/var/tmp")  # noqa: S108 - the file has no name there
_NAMED_BY_USER = ("TMPDIR", "TEMP", "TMP")
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def available_memory() -> int | None:
    """Return the bytes free without swapping (off Linux: the physical memory); None if unknown.

    In a container that may use less, it is what the container has left.
    """
    if _MEMINFO.exists():
        lines = dict(line.split(":", 1) for line in _MEMINFO.read_text().splitlines())
        free = int(lines["MemAvailable"].split()[0]) * 1024
        return min([free, *_left_to_container()])
    if hasattr(os, "sysconf"):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def allocate_bytes(
    shape: tuple[int, ...], *, available: int | None = None
) -> npt.NDArray[np.uint8]:
    """Return an array in memory, or in an unnamed temporary file if it needs over half of that.

    The file's disk space is reserved at once, and it ends with the array. Its pages leave memory
    whenever other programs need it. `available` is the free memory in bytes; it is looked up by
    default.

    Raises:
        MachineError: The disk has too little room.
    """
    if available is None:
        available = available_memory()
    size = int(np.prod(shape, dtype=np.float64))
    if available is None or size <= SHARE * available:
        return np.empty(shape, np.uint8)
    directory = temporary_directory()
    with tempfile.TemporaryFile(prefix="imgclass-", dir=directory) as file:
        _reserve(file.fileno(), size, directory)
        return np.memmap(file, np.uint8, mode="r+", shape=shape)


def temporary_directory() -> Path:
    """Return where large temporary files go: TMPDIR, /var/tmp, or the system's usual place."""
    is_named = any(os.environ.get(name) for name in _NAMED_BY_USER)
    if not is_named and os.access(_LARGE_FILES, os.W_OK):
        return _LARGE_FILES
    return Path(tempfile.gettempdir())


def _left_to_container() -> list[int]:
    left = []
    for limit, used in _LIMITS:
        with suppress(OSError, ValueError):  # no such file, or "max"
            left.append(int((_CGROUP / limit).read_text()) - int((_CGROUP / used).read_text()))
    return left


def _reserve(file: int, size: int, directory: Path) -> None:
    """Give a file its size on disk: writing into a mapped file without room ends the process."""
    free = shutil.disk_usage(directory).free
    fault: OSError | None = None
    if free >= size:
        os.ftruncate(file, size)
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file, 0, size)
        except OSError as error:
            fault = error if error.errno in _NO_ROOM else None  # others: not every disk can reserve
    if free < size or fault:
        raise MachineError(
            f"Expected {size / 1e9:,.1f} GB of room for decoded images in {directory}; received "
            f"{free / 1e9:,.1f} GB. Make room, set TMPDIR to another disk, or choose a smaller "
            f"image size (--image-size) or the pipeline 'generator' (--pipeline generator)."
        ) from fault
