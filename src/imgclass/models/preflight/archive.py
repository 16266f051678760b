"""A `.keras` file, read as exactly the zip archive that Keras writes."""

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from imgclass.io.regular_file import open_regular
from imgclass.models.preflight.plain_json import LARGEST as LARGEST_JSON
from imgclass.models.preflight.refusal import Refused, shown

METADATA, CONFIG, WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
# Bytes. Larger archives need ZIP64; ConvNeXtXLarge, the largest of keras.applications, has 1.4 GB.
LARGEST = 2**31 - 1
LARGEST_MEMBER = {METADATA: LARGEST_JSON, CONFIG: LARGEST_JSON, WEIGHTS: LARGEST}
SUMMED = 512 * 2**20  # bytes; a checksum over more would take longer than half a second

_END = struct.Struct("<4s4H2LH")  # the end of the central directory
_LOCATOR = b"PK\x06\x07"  # before the records of ZIP64
_LOCAL = struct.Struct("<4s5H3L2H")
_DIRECTORY = 4096  # bytes; three members take about 200
_ENCRYPTED = 0x1 | 0x20 | 0x40 | 0x2000  # flags: encrypted in some way, or a patch
_PLAIN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What zipfile raises for damaged files.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Span:
    """A range of bytes in a file."""

    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Archive:
    """An open `.keras` file with the members that Keras writes; the weights are not compressed."""

    file: BufferedReader
    members: dict[str, zipfile.ZipInfo]
    weights: Span

    def read(self, name: str) -> bytes:
        """Return a member's bytes, their number and checksum checked."""
        info = self.members[name]
        try:
            with zipfile.ZipFile(self.file) as opened, opened.open(info) as member:
                data = member.read(info.file_size + 1)
                # zipfile never decompresses more than the declared size.
                if len(data) != info.file_size or member.read(1):
                    raise Refused(f"The member {name} has another size than it declares.")
        except _DAMAGE as error:
            raise Refused(f"The member {name} is damaged: {error}") from error
        return data

    def require_sum(self) -> None:
        """Compare the weights with their checksum, if that takes at most half a second.

        Keras, after a wrong checksum, reads the weights again without it.
        """
        if self.weights.size > SUMMED:
            return
        self.file.seek(self.weights.start)
        left, total = self.weights.size, 0
        while left and (chunk := self.file.read(min(left, 2**20))):
            total = zlib.crc32(chunk, total)
            left -= len(chunk)
        if left or total != self.members[WEIGHTS].CRC:
            raise Refused(f"The member {WEIGHTS} is damaged: its checksum differs.")


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a `.keras` file with exactly the members that Keras writes; a link is refused.

    The record at its end is read first: if it declares a million members, Python's `ZipFile` takes
    seconds and hundreds of megabytes.
    """
    with open_regular(path, links=False) as file:
        _require_small_directory(file)
        yield _archive(file)


def _archive(file: BufferedReader) -> Archive:
    try:
        with zipfile.ZipFile(file) as opened:
            infos = opened.infolist()
    except _DAMAGE as error:
        raise Refused(f"Its zip directory is damaged: {error}") from error
    names = sorted(info.filename for info in infos)
    if names != sorted(LARGEST_MEMBER):
        raise Refused(
            f"It has the members {shown(names)}; a model that Keras saved has "
            f"{', '.join(sorted(LARGEST_MEMBER))} and nothing else."
        )
    members = {info.filename: info for info in infos}
    for info in infos:
        _require_plain(info)
    spans = {name: _span(file, info) for name, info in members.items()}
    _require_apart(spans)
    return Archive(file, members, spans[WEIGHTS])


def _require_small_directory(file: BufferedReader) -> None:
    size = file.seek(0, os.SEEK_END)
    if size > LARGEST:
        raise Refused(f"It has {size:,} bytes; at most {LARGEST:,} are read.")
    if size < _END.size:
        raise Refused("It is no zip archive, which a model saved by Keras is.")
    file.seek(max(0, size - _END.size - 20))
    tail = file.read()
    end = _END.unpack(tail[-_END.size :])
    signature, disk, first_disk, here, members, directory, start, comment = end
    if signature != b"PK\x05\x06" or comment:
        raise Refused("It is no zip archive, or has something after its end.")
    if tail[: -_END.size].startswith(_LOCATOR):
        raise Refused("It is a ZIP64 archive, which models do not need.")
    if disk or first_disk or here != members:
        raise Refused("It is one part of a zip archive in several.")
    if members != len(LARGEST_MEMBER) or directory > _DIRECTORY:
        raise Refused(
            f"It declares {members:,} members in a directory of {directory:,} bytes; a model that "
            f"Keras saved has {len(LARGEST_MEMBER)} in {_DIRECTORY:,} at most."
        )
    if start + directory + _END.size != size:
        raise Refused("It has something before its zip archive, or between its parts.")


def _require_plain(info: zipfile.ZipInfo) -> None:
    name = info.filename
    if info.flag_bits & _ENCRYPTED:
        raise Refused(f"The member {name} is encrypted.")
    allowed = (zipfile.ZIP_STORED,) if name == WEIGHTS else _PLAIN_METHODS
    if info.compress_type not in allowed:
        raise Refused(f"The member {name} is compressed in a way that Keras does not write.")
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        raise Refused(f"The member {name} is no file.")
    if info.file_size > LARGEST_MEMBER[name]:
        raise Refused(
            f"The member {name} declares {info.file_size:,} bytes; at most "
            f"{LARGEST_MEMBER[name]:,} are read."
        )
    if info.compress_type == zipfile.ZIP_STORED and info.file_size != info.compress_size:
        raise Refused(f"The member {name} is stored without compression, but declares two sizes.")


def _span(file: BufferedReader, info: zipfile.ZipInfo) -> Span:
    file.seek(info.header_offset)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        raise Refused(f"The member {info.filename} is not where the directory says.")
    fields = _LOCAL.unpack(header)
    name = file.read(fields[9])
    if name != info.filename.encode():
        raise Refused(f"The member {info.filename} has another name in its own header.")
    if fields[2] & _ENCRYPTED or fields[3] != info.compress_type:
        raise Refused(f"The member {info.filename} has another form in its own header.")
    return Span(info.header_offset + _LOCAL.size + fields[9] + fields[10], info.compress_size)


def _require_apart(spans: dict[str, Span]) -> None:
    end = 0
    for name, span in sorted(spans.items(), key=lambda item: item[1].start):
        if span.start < end:
            raise Refused(f"The member {name} overlaps another.")
        end = span.start + span.size
