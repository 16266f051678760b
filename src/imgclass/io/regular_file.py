"""The kind of a file, and opening regular files only, without ever waiting."""

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

# Without O_NONBLOCK, opening a FIFO waits for a writer. Windows has neither the flag nor FIFOs.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)

LINK = "a symbolic link"
_KINDS = {
    stat.S_IFREG: "a regular file",
    stat.S_IFDIR: "a directory",
    stat.S_IFLNK: LINK,
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def file_kind(mode: int) -> str:
    """Return the kind of a file with this `st_mode`, in words such as `a directory`."""
    return _KINDS.get(stat.S_IFMT(mode), "no regular file")


def is_file(path: str | os.PathLike[str]) -> bool:
    """Return whether `path` is a regular file, or a link to one; False if that cannot be known.

    Before Python 3.14, `Path.is_file` raises an error then.
    """
    return stat.S_ISREG(_mode(path))


def is_directory(path: str | os.PathLike[str]) -> bool:
    """Return whether `path` is a directory, or a link to one; False if that cannot be known."""
    return stat.S_ISDIR(_mode(path))


def open_regular(path: str | os.PathLike[str], *, links: bool = True) -> BufferedReader:
    """Open a regular file for reading bytes; links among the folders above it are followed.

    Its kind is checked before it is opened, since opening a device may have an effect, and again
    through the descriptor, so that the file that is read is the one that was checked.
    """
    try:
        status = Path(path).stat(follow_symlinks=links)
    except ValueError as error:  # a NUL byte, or a surrogate that encodes no byte
        raise OSError(errno.EINVAL, f"no file can have its name: {error}", path) from error
    _require_regular(status, path)
    descriptor = os.open(path, _FLAGS | (0 if links else _NO_LINK))
    try:
        opened = os.fstat(descriptor)
        _require_regular(opened, path)
        if not links:
            _require_same(status, opened, path)  # for Windows, which has no O_NOFOLLOW
        return os.fdopen(descriptor, "rb")
    except OSError:
        os.close(descriptor)
        raise


def _require_regular(status: os.stat_result, path: str | os.PathLike[str]) -> None:
    if not stat.S_ISREG(status.st_mode):
        reason = f"it is {file_kind(status.st_mode)}, not a regular file"
        raise OSError(errno.EINVAL, reason, os.fspath(path))


def _require_same(
    seen: os.stat_result, opened: os.stat_result, path: str | os.PathLike[str]
) -> None:
    if not os.path.samestat(seen, opened):
        raise OSError(errno.EAGAIN, "it was replaced while it was opened", os.fspath(path))


def _mode(path: str | os.PathLike[str]) -> int:
    try:
        return Path(path).stat().st_mode
    except (OSError, ValueError):
        return 0
