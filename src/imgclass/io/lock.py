"""A lock on a folder, for one process at a time; it ends with the process that holds it."""

import errno
import json
import os
import socket
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath

from imgclass.errors import UnsafeError
from imgclass.io.fs import FileSystem
from imgclass.io.regular_file import file_kind

if sys.platform == "win32":
    import msvcrt

    _BUSY = {errno.EACCES, errno.EDEADLK}

    def _try_lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    _try_shared_lock = _try_lock
else:
    import fcntl

    _BUSY = {errno.EAGAIN}

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _try_shared_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)


LARGEST_PID = 2**31
PATIENCE = 30.0  # seconds to wait for the workers of an owner that has ended
# Follow no link: taking the lock would empty another file. Do not wait to open a FIFO.
_SAFE = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_FLAGS = os.O_RDWR | os.O_CREAT | _SAFE


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that holds a lock, for messages; the operating system keeps the lock itself."""

    pid: int
    host: str

    @property
    def is_gone(self) -> bool:
        """Whether the process ran on this machine and has ended."""
        if os.name == "nt" or self.host != socket.gethostname():
            return False  # signal 0 only asks on POSIX; elsewhere it ends the process
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False


@contextmanager
def held_lock(path: str, files: FileSystem) -> Iterator[int]:
    """Hold the lock file `path`, and yield its descriptor; its directory is made if missing.

    The operating system releases the lock when its last holder ends, even after a crash; a file
    that nobody holds is taken over. Workers inherit the descriptor, and so hold the lock too.
    """
    descriptor = _acquire(path, files)
    try:
        owner = {"pid": os.getpid(), "host": socket.gethostname()}
        files.call(os.ftruncate, descriptor, 0)
        files.call(os.write, descriptor, json.dumps(owner).encode())
        yield descriptor
    finally:
        os.close(descriptor)


def is_held(path: str) -> bool:
    """Return whether a running process holds the lock file `path`; nothing is changed."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _SAFE)
    except OSError:
        return False
    try:
        _try_shared_lock(descriptor)
    except OSError as error:
        return error.errno in _BUSY
    finally:
        os.close(descriptor)
    return False


def _acquire(path: str, files: FileSystem) -> int:
    patient_until, folder = time.monotonic() + PATIENCE, str(PurePath(path).parent)
    while True:
        files.make_directory(folder)
        descriptor: int = files.call(os.open, path, _FLAGS, 0o666)
        try:
            _require_regular(descriptor, path)
            files.call(_try_lock, descriptor)
            found = files.status(path)
            if found is not None and os.path.samestat(found, os.fstat(descriptor)):
                return descriptor
        except OSError as error:
            if error.errno not in _BUSY:
                os.close(descriptor)
                raise
            owner = _owner(descriptor)
            if owner is None or not owner.is_gone or time.monotonic() > patient_until:
                os.close(descriptor)
                who = f"process {owner.pid} on {owner.host}" if owner else "another process"
                raise UnsafeError(
                    f"Expected {folder} not to be in use; {who} is using it. Wait until it has "
                    "ended."
                ) from error
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # an owner that has just finished removed the file
        time.sleep(0.02)


def _require_regular(descriptor: int, path: str) -> None:
    if not stat.S_ISREG(mode := os.fstat(descriptor).st_mode):
        raise UnsafeError(
            f"Expected the lock {path} to be a regular file; it is {file_kind(mode)}. Remove it."
        )


def _owner(descriptor: int) -> Owner | None:
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        plain = json.loads(os.read(descriptor, 1000))
        pid = int(plain["pid"])
        return Owner(pid, str(plain["host"])) if 0 < pid < LARGEST_PID else None
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
