"""Unpacking a zip or tar from anybody: nothing leaves the folder, and nothing grows without end."""

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO

from imgclass.data.archives.entries import DAMAGED, archive_entries
from imgclass.errors import DatasetError, UnsafeError
from imgclass.io.fs import FileSystem
from imgclass.io.regular_file import is_file

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")

_CHUNK = 2**20
_SYSTEM_FILES = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What unpacking may cost before it is refused.

    Attributes:
        files: The most entries, folders and what is passed over included.
        file_bytes: Of one file.
        all_bytes: Of all files together.
        growth: How many times as large as the archive all files may be. Photographs do not shrink;
            drawings and masks in uncompressed formats do, to about a hundredth.
        free_bytes: Size up to which `growth` is not looked at.
    """

    files: int = 20_000_000
    file_bytes: int = 16 * 2**30
    all_bytes: int = 4 * 2**40
    growth: int = 200
    free_bytes: int = 2**30


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was unpacked: files, and entries that were passed over because they are no files."""

    files: int
    links: int


def is_archive(path: str | os.PathLike[str]) -> bool:
    """Return whether a path is a file with the name of a zip or tar.

    Example:
        >>> is_archive("no such file.zip")
        False
    """
    return os.fspath(path).lower().endswith(ENDINGS) and is_file(path)


def unpack(
    archive: str | os.PathLike[str],
    folder: str,
    files: FileSystem,
    *,
    limits: ArchiveLimits | None = None,
    each: Callable[[], None] = lambda: None,
) -> Unpacked:
    """Unpack an archive into an empty folder; `each` is called after every file.

    Links and devices are passed over, and so is what a system hides. Nothing is written outside of
    the folder, and no file twice.

    Raises:
        DatasetError: It is damaged, encrypted, or not an archive.
        UnsafeError: A name leads out of the folder or occurs twice, or a limit is exceeded.
        OSError: The machine failed.
    """
    limits = limits or ArchiveLimits()
    name = os.fspath(archive)
    allowed = max(limits.free_bytes, limits.growth * Path(archive).stat().st_size)
    allowed = min(allowed, limits.all_bytes)
    links = number = 0
    try:
        with archive_entries(archive, slack=allowed) as entries:
            for entry in islice(entries, limits.files + 1):
                number += 1
                _require(number, limits.files, "entries", name)
                path = _safe_path(entry.name, name)
                links += not (entry.is_file or entry.is_folder)
                if path is not None and entry.is_file:
                    most = min(limits.file_bytes, allowed)
                    with entry.open() as stream:
                        allowed -= _write(stream, f"{folder}/{path}", most, files, name)
                    each()
    except DAMAGED as error:
        raise DatasetError(f"Expected a sound archive; received {name}: {error}.") from error
    except OSError as error:
        # Decompressors raise one without a number for damaged data, and a place before the file's
        # beginning is an invalid argument.
        if error.errno not in {None, errno.EINVAL}:
            raise
        raise DatasetError(f"Expected a sound archive; received {name}: {error}.") from error
    return Unpacked(number, links)


def _safe_path(entry: str, archive: str) -> str | None:
    """Return the path of an entry below the folder; None for what systems hide."""
    path = entry.replace("\\", "/")
    parts = PurePosixPath(path).parts
    if path.startswith("/") or path[1:2] == ":" or ".." in parts or "\0" in path:
        raise UnsafeError(
            f"Expected names inside the archive {archive} that stay in its folder; received "
            f"{entry[:200]!r}. Nothing of it was used."
        )
    if not parts or any(part.startswith(".") or part in _SYSTEM_FILES for part in parts):
        return None
    return "/".join(parts)


def _write(stream: IO[bytes], path: str, most: int, files: FileSystem, archive: str) -> int:
    size = 0

    def chunks() -> Iterator[bytes]:
        nonlocal size
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            _require(size, most, f"bytes in {PurePosixPath(path).name!r}, by its limits", archive)
            yield chunk

    files.make_directories(str(PurePosixPath(path).parent))
    try:
        files.write_new(path, chunks())
    except FileExistsError as error:
        raise UnsafeError(
            f"Expected each name once in the archive {archive}; {PurePosixPath(path).name!r} "
            "occurs twice, or in upper and lower case. Unpack it yourself and name the folder."
        ) from error
    return size


def _require(received: int, most: int, what: str, archive: str) -> None:
    if received > most:
        raise UnsafeError(
            f"Expected at most {max(most, 0):,} {what} of the archive {archive}; received more, as "
            "from an archive that is made to fill a disk. If you trust it, unpack it yourself and "
            "name the folder."
        )
