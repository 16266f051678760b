"""The entries of a zip or tar in their order, in bounded memory."""

import bz2
import gzip
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, BinaryIO, cast

from imgclass.errors import DatasetError
from imgclass.io.regular_file import open_regular

LARGEST_HEADER = 2**20  # bytes of a name or of attributes: paths have at most 4,096
DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    UnicodeError,  # a name
    NotImplementedError,  # a way of compression that Python does not know
    RecursionError,  # a tar header after a tar header, a thousand times
)
_LONG_HEADERS = frozenset(
    {
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in an archive, what it is, and how its bytes are read; only the latest one's can be.

    What is neither a file nor a folder is a link or a device.
    """

    name: str
    is_file: bool
    is_folder: bool
    open: Callable[[], IO[bytes]]


@contextmanager
def archive_entries(path: str | os.PathLike[str], *, slack: int) -> Iterator[Iterator[Entry]]:
    """Yield the entries of an archive, which is known by its ending.

    The last one comes after the checksum of a compressed tar was compared; at most `slack` bytes
    may follow its end.
    """
    name = os.fspath(path).lower()
    with open_regular(path) as file:
        if name.endswith(".zip"):
            with zipfile.ZipFile(file) as archive:
                yield _of_zip(archive)
        elif name.endswith(".tar"):
            yield _of_tar(file, slack)
        elif name.endswith("gz"):
            with gzip.GzipFile(fileobj=file) as content:
                yield _of_tar(cast("BinaryIO", content), slack)
        elif name.endswith("bz2"):
            with bz2.BZ2File(file) as content:
                yield _of_tar(cast("BinaryIO", content), slack)
        else:
            with lzma.LZMAFile(file) as content:
                yield _of_tar(cast("BinaryIO", content), slack)


def _of_zip(archive: zipfile.ZipFile) -> Iterator[Entry]:
    for info in archive.infolist():
        if info.flag_bits & 1:
            raise DatasetError(
                f"Expected an archive without a password; received one for {info.filename!r}."
            )
        kind = stat.S_IFMT(info.external_attr >> 16)
        is_file = not info.is_dir() and kind in {0, stat.S_IFREG}
        yield Entry(info.filename, is_file, info.is_dir(), partial(archive.open, info))


def _of_tar(content: BinaryIO, slack: int) -> Iterator[Entry]:
    with tarfile.open(fileobj=content, mode="r|", tarinfo=_ModestInfo) as archive:
        while (info := archive.next()) is not None:
            yield Entry(
                info.name,
                info.isreg(),
                info.isdir(),
                partial(_opened, archive, info),
            )
            archive.members = []  # type: ignore[attr-defined]  # else it keeps millions
    while slack > 0 and (more := content.read(2**20)):  # to the checksum, which tarfile leaves out
        slack -= len(more)


def _opened(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    return cast("IO[bytes]", archive.extractfile(info))


class _ModestInfo(tarfile.TarInfo):
    """Refuses headers that would fill the memory, which tarfile reads whole."""

    def _proc_member(self, archive: tarfile.TarFile) -> Any:
        if self.type == tarfile.GNUTYPE_SPARSE:
            raise tarfile.ReadError("sparse files in a tar are not read")
        if self.type in _LONG_HEADERS and self.size > LARGEST_HEADER:
            raise tarfile.ReadError(f"a header of {self.size:,} bytes")
        return super()._proc_member(archive)  # type: ignore[misc]  # tarfile's only hook
