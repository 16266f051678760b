"""Calls of the operating system for which Python has no single function."""

import ctypes
import os
import stat
import sys


def set_like(descriptor: int, status: os.stat_result) -> None:
    """Give an open file the times and permissions of another, as far as the system can."""
    if os.utime in os.supports_fd:
        os.utime(descriptor, ns=(status.st_atime_ns, status.st_mtime_ns))
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, stat.S_IMODE(status.st_mode))


def sync_file_system(path: str) -> None:
    """Put on the disk all that was written to the file system of `path`.

    If the system has no call for one file system, all are synced.
    """
    if not sys.platform.startswith("linux"):
        if hasattr(os, "sync"):
            os.sync()
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), path)
    finally:
        os.close(descriptor)
