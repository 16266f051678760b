"""All file-system calls that write, each through a hook that a test can replace.

A `call` that raises an error, or ends the process, at call number k lets a test try every point at
which a machine can fail.
"""

import errno
import os
import stat
import sys
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from typing_extensions import Buffer

from imgclass.io.regular_file import file_kind
from imgclass.io.system_calls import set_like, sync_file_system

Call = Callable[..., Any]

_FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
# Follow no link; do not wait for the writer of a FIFO.
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | _FLAGS
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | _FLAGS


class NotRegularError(OSError):
    """The file to read is a link, a directory, a FIFO, a socket or a device."""


class TooLargeError(OSError):
    """The file to read has more bytes than the caller allows."""


def direct(function: Callable[..., Any], /, *arguments: Any) -> Any:
    """Call `function`: what `FileSystem` does outside tests."""
    return function(*arguments)


@dataclass(frozen=True, slots=True)
class FileSystem:
    """The file system as imgclass uses it; `call(function, *arguments)` makes each call."""

    call: Call = direct

    def status(self, path: str) -> os.stat_result | None:
        """Return the status of `path` itself, even of a link; None if nothing is there."""
        try:
            found: os.stat_result = self.call(os.lstat, path)
        except FileNotFoundError:
            return None
        return found

    def is_directory(self, path: str) -> bool:
        """Return whether `path` is a directory, and not a link to one."""
        status = self.status(path)
        return status is not None and stat.S_ISDIR(status.st_mode)

    def entries(self, path: str) -> list[os.DirEntry[str]]:
        """Return the entries of a directory, sorted by name."""
        with self.call(os.scandir, path) as found:
            return sorted(found, key=lambda entry: entry.name)

    def read(
        self, path: str, *, limit: int = sys.maxsize, fresh: bool = False
    ) -> tuple[bytes, os.stat_result]:
        """Return the bytes and status of a regular file, from one descriptor; no link is followed.

        `fresh` reads from the disk instead of the cache, if the system can.
        """
        descriptor = self.call(os.open, path, _READ)
        try:
            status = self.call(os.fstat, descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise NotRegularError(f"it is {file_kind(status.st_mode)}, not a regular file")
            if status.st_size > limit:
                raise TooLargeError(f"it has {status.st_size:,} bytes, more than {limit:,}")
            if fresh and hasattr(os, "posix_fadvise"):
                self.call(os.posix_fadvise, descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            data = self.call(os.read, descriptor, status.st_size + 1)
            while 0 < len(data) < status.st_size:
                more = self.call(os.read, descriptor, status.st_size + 1 - len(data))
                if not more:
                    break
                data += more
            return data, status
        finally:
            self.call(os.close, descriptor)

    def write_new(
        self,
        path: str,
        data: Buffer | Iterable[Buffer],
        *,
        sync: bool = False,
        like: os.stat_result | None = None,
    ) -> None:
        """Write a file that must not exist yet, with the times and permissions of `like`.

        With `sync` it is on the disk when this returns.
        """
        parts = (data,) if isinstance(data, Buffer) else data
        descriptor = self.call(os.open, path, _CREATE, 0o666)
        try:
            for part in parts:
                self._write(descriptor, part)
            if like is not None:
                self.call(set_like, descriptor, like)
            if sync:
                self.call(os.fsync, descriptor)
        finally:
            self.call(os.close, descriptor)

    def write_whole(self, path: str, data: bytes) -> None:
        """Write under a temporary name, sync and rename: `path` is never half-written."""
        target = PurePath(path)
        part = str(target.with_name(f".{target.name}.{os.getpid()}.part"))
        try:
            self.unlink(part)  # from an earlier process with the same number
            self.write_new(part, data, sync=True)
            self.replace(part, path)
            self.sync_directory(str(target.parent))
        except OSError:
            with suppress(OSError):
                self.unlink(part)
            raise

    def append(self, path: str, data: bytes) -> None:
        """Add bytes to the end of a file, which is made if it is missing."""
        descriptor = self.call(os.open, path, _APPEND, 0o666)
        try:
            self._write(descriptor, data)
        finally:
            self.call(os.close, descriptor)

    def _write(self, descriptor: int, data: Buffer) -> None:
        view = memoryview(data)
        while view:
            view = view[self.call(os.write, descriptor, view) :]

    def make_directory(self, path: str) -> None:
        """Make a directory; no error if it exists."""
        try:
            self.call(os.mkdir, path)
        except FileExistsError:
            if not self.is_directory(path):
                raise

    def replace(self, source: str, target: str) -> None:
        """Rename `source` to `target`, replacing it: the only method that replaces a file."""
        self.call(os.replace, source, target)

    def make_directories(self, path: str) -> None:
        """Make a directory and all missing directories above it."""
        if self.status(path) is None:
            self.make_directories(str(PurePath(path).parent))
            self.make_directory(path)

    def walk(self, path: str, *, directories: bool = False) -> Iterator[str]:
        """Yield the paths of all files below a directory.

        With `directories` these are yielded too, each before its content.
        """
        for entry in self.entries(path):
            inside = f"{path}/{entry.name}"
            is_directory = entry.is_dir(follow_symlinks=False)
            if directories or not is_directory:
                yield inside
            if is_directory:
                yield from self.walk(inside, directories=directories)

    def link(self, source: str, target: str) -> None:
        """Make `target` a hard link to `source`."""
        self.call(os.link, source, target)

    def symlink(self, source: str, target: str) -> None:
        """Make `target` a symbolic link to `source`."""
        self.call(os.symlink, source, target)

    def link_target(self, path: str) -> str:
        """Return the target of a symbolic link."""
        target: str = self.call(os.readlink, path)
        return target

    def rename(self, source: str, target: str) -> None:
        """Rename within one file system; `target` must be free, or an empty directory."""
        found = self.status(target)
        if found is not None and not stat.S_ISDIR(found.st_mode):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
        self.call(os.rename, source, target)

    def unlink(self, path: str) -> None:
        """Remove a file; no error if it is missing."""
        try:
            self.call(os.unlink, path)
        except FileNotFoundError:
            return

    def remove_tree(self, path: str, *, keep: Container[str] = ()) -> bool:
        """Remove a directory and its content; links in it are removed, not followed.

        The files in `keep` stay, and their directories. Returns whether everything was removed.
        """
        gone = True
        for entry in self.entries(path):
            inside = f"{path}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                gone &= self.remove_tree(inside, keep=keep)
            elif inside in keep:
                gone = False
            else:
                self.unlink(inside)
        if gone:
            self.call(os.rmdir, path)
        return gone

    def sync_file(self, path: str) -> None:
        """Make sure that a file's bytes are on the disk."""
        descriptor = self.call(os.open, path, os.O_RDWR | _FLAGS)
        try:
            self.call(os.fsync, descriptor)
        finally:
            self.call(os.close, descriptor)

    def sync_directory(self, path: str) -> None:
        """Make sure that a directory's entries are on the disk, if the system can."""
        if os.name == "nt":  # directories cannot be opened there
            return
        descriptor = self.call(os.open, path, os.O_RDONLY)
        try:
            self.call(os.fsync, descriptor)
        finally:
            self.call(os.close, descriptor)

    def sync_all(self, path: str) -> None:
        """Make sure that all that was written to the file system of `path` is on the disk.

        For many files this is far cheaper than an fsync of each.
        """
        self.call(sync_file_system, path)
