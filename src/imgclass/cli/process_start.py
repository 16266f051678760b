"""How long this process has run: a budget of a command includes the start of Python."""

import os
import time
from pathlib import Path

_LOADED = time.monotonic()
STARTED = 19  # the field after the name in Linux's stat of a process: clock ticks since the boot
LONGEST = 60.0  # seconds; a clock that says more is not the one of this machine


def seconds_since_start() -> float:
    """Return the seconds since the process began, or where that is not known, since this import.

    Example:
        >>> seconds_since_start() >= 0
        True
    """
    since_import = time.monotonic() - _LOADED
    try:
        fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        began = int(fields[STARTED]) / os.sysconf("SC_CLK_TCK")
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - began
    except (OSError, ValueError, AttributeError, IndexError):
        return since_import
    return age if since_import <= age <= since_import + LONGEST else since_import
