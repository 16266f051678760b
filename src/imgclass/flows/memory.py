"""Free memory, and an array that goes to a temporary file if it needs too much of it."""

import os
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

SHARE = 0.5  # of the free memory; the model, its gradients and the batches need the rest

_MEMINFO = Path("/proc/meminfo")


def available_memory() -> int | None:
    """Return the bytes free without swapping (off Linux: the physical memory); None if unknown."""
    if _MEMINFO.exists():
        lines = dict(line.split(":", 1) for line in _MEMINFO.read_text().splitlines())
        return int(lines["MemAvailable"].split()[0]) * 1024
    if hasattr(os, "sysconf"):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def allocate_bytes(
    shape: tuple[int, ...], *, available: int | None = None
) -> npt.NDArray[np.uint8]:
    """Return an array in memory, or in an unnamed temporary file if it needs over half of that.

    `available` is the free memory in bytes; it is looked up by default.
    """
    if available is None:
        available = available_memory()
    if available is None or np.prod(shape, dtype=np.float64) <= SHARE * available:
        return np.empty(shape, np.uint8)
    with tempfile.TemporaryFile(prefix="imgclass-") as file:
        return np.memmap(file, np.uint8, mode="w+", shape=shape)
