"""Opening a file that must be a regular one, without ever waiting on what only looks like one."""

import errno
import os
import stat
from io import BufferedReader

# A FIFO opened without O_NONBLOCK waits for a writer; Windows has neither flag nor FIFO.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

_KINDS = {
    stat.S_IFREG: "a regular file",
    stat.S_IFDIR: "a directory",
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def file_kind(mode: int) -> str:
    """Return in words what a file of `st_mode` is.

    Example:
        >>> import os
        >>> file_kind(os.stat(".").st_mode)
        'a directory'
    """
    return _KINDS.get(stat.S_IFMT(mode), "no regular file")


def open_regular(path: str | os.PathLike[str]) -> BufferedReader:
    """Open a regular file, or a link to one, for reading bytes.

    It is looked at before it is opened, since opening a device can already act on it, and again
    through the descriptor, so that what is read is what was checked.

    Raises:
        OSError: The file is missing, unreadable, or no regular file; `strerror` says which.
    """
    try:
        status = os.stat(path)  # noqa: PTH116
    except ValueError as error:  # a NUL byte, or a surrogate that stands for no byte
        raise OSError(errno.EINVAL, f"no file can have its name: {error}", path) from error
    _require_regular(status, path)
    descriptor = os.open(path, _FLAGS)
    try:
        _require_regular(os.fstat(descriptor), path)
        return os.fdopen(descriptor, "rb")
    except OSError:
        os.close(descriptor)
        raise


def _require_regular(status: os.stat_result, path: str | os.PathLike[str]) -> None:
    if not stat.S_ISREG(status.st_mode):
        reason = f"it is {file_kind(status.st_mode)}, not a regular file"
        raise OSError(errno.EINVAL, reason, os.fspath(path))
