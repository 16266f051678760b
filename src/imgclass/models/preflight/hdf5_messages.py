"""The messages of an object in an HDF5 file, which say what its values are and where.

Source: The HDF Group, *HDF5 File Format Specification*, version 3.0, section IV.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from imgclass.models.preflight.hdf5_file import Hdf5File, wrong

MESSAGES = 500  # of one object; Keras 2 writes its layers' names in chunks
ATTRIBUTES = 16 * 2**20  # bytes of all attributes; Keras 2 writes 100 per layer
RANK = 32  # axes; HDF5's own limit

NIL, SPACE, TYPE, OLD_FILL, FILL, LAYOUT = 0x00, 0x01, 0x03, 0x04, 0x05, 0x08
ATTRIBUTE, OLD_TIME, CONTINUATION, TABLE, TIME = 0x0C, 0x0E, 0x10, 0x11, 0x12
_ANYWHERE = {NIL, ATTRIBUTE, CONTINUATION, OLD_TIME, TIME}
_OF_GROUP = _ANYWHERE | {TABLE}
_OF_DATASET = _ANYWHERE | {SPACE, TYPE, OLD_FILL, FILL, LAYOUT}
_NAMED = {
    0x02: "links of the new form",
    0x06: "a soft or external link",
    0x07: "its values in another file",
    0x0A: "groups of the new form",
    0x0B: "a filter (compression)",
    0x13: "a table of shared messages",
    0x15: "attributes of the new form",
}
_INTEGER, _FLOAT, _STRING, _VARIABLE = 0, 1, 3, 9
_NUMBERS = {_INTEGER: (1, 2, 4, 8), _FLOAT: (2, 4, 8)}  # bytes of one number
_PREFIX = 8  # bytes at the beginning of datatypes and dataspaces
_REFERENCE = 16  # bytes of a reference to a text of variable length
_LONGEST = 2**16  # bytes of a text of fixed length
_HEAP = 2**20  # bytes of a heap; HDF5 makes them of 4,096
# Versions and classes of layouts.
_CONTIGUOUS = (3, 1)
_LAYOUTS = {(3, 0): "compact", (3, 2): "chunked", (4, 2): "chunked", (4, 3): "virtual"}

Message = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Piece:
    """The place of a dataset's values, in bytes, and their number."""

    start: int
    size: int
    path: str
    values: int


def require_known(messages: list[Message], path: str) -> bool:
    """Require messages that h5py writes for Keras; return whether the object is a group."""
    kinds = {kind for kind, _ in messages}
    is_group = TABLE in kinds
    if strange := kinds - (_OF_GROUP if is_group else _OF_DATASET):
        number = min(strange)
        wrong(path, f"has {_NAMED.get(number, f'a message of type {number}')}")
    return is_group


def dataset(messages: list[Message], path: str, file: Hdf5File) -> Piece:
    """Return where a dataset's values are: contiguous numbers or texts of fixed length."""
    bodies = dict(messages)
    parts = sorted(kind for kind, _ in messages if kind in (SPACE, TYPE, LAYOUT))
    if parts != [SPACE, TYPE, LAYOUT]:
        wrong(path, "is neither a group nor a dataset")
    kind, itemsize = _datatype(bodies[TYPE], path)
    if kind == _VARIABLE:
        wrong(path, "is a dataset of texts of variable length")
    values = _number(bodies[SPACE], path)
    version, way = bodies[LAYOUT][:2]
    if (version, way) != _CONTIGUOUS:
        word = _LAYOUTS.get((version, way), "of another form")
        wrong(path, f"is a dataset that is {word}; Keras writes contiguous ones")
    start, size = struct.unpack("<QQ", bodies[LAYOUT][2:18])
    if size != values * itemsize:
        wrong(path, f"declares {values:,} values of {itemsize} bytes but has {size:,} bytes")
    if size and start + size > file.span.size:
        wrong(path, f"declares {size:,} bytes at {start:,}, which the file does not have")
    return Piece(start if size else 0, size, path, values)


@dataclass(slots=True)
class Attributes:
    """The attributes of a file, and the heaps with their texts of variable length.

    `heaps` has, for each heap by its address, the size of each text by its number.
    """

    file: Hdf5File
    bytes_read: int = 0
    heaps: dict[int, dict[int, int]] = field(default_factory=dict)

    def require(self, body: bytes, path: str) -> None:
        """Require an attribute of a known form that has all the data it declares."""
        self.bytes_read += len(body)
        if self.bytes_read > ATTRIBUTES:
            wrong(path, f"exceeds {ATTRIBUTES:,} bytes of attributes in the file")
        version, _, name, kind, space = struct.unpack("<BBHHH", body[:8])
        if version != 1:
            wrong(path, "has an attribute of the new form")
        starts = [8]
        for size in (name, kind, space):
            starts.append(starts[-1] + -(-size // 8) * 8)
        if starts[-1] > len(body) or body[8 : 8 + name].find(b"\0") != name - 1:
            wrong(path, "has an attribute that is damaged")
        form, itemsize = _datatype(body[starts[1] : starts[1] + kind], path)
        values = _number(body[starts[2] : starts[2] + space], path)
        data = body[starts[3] :]
        if values * itemsize > len(data):
            wrong(path, "has an attribute that declares more than it has")
        if form == _VARIABLE:
            for at in range(0, _REFERENCE * values, _REFERENCE):
                length, heap, index = struct.unpack_from("<IQI", data, at)
                self._require_text(length, heap, index, path)

    def _require_text(self, length: int, heap: int, index: int, path: str) -> None:
        if not length:
            return
        if heap not in self.heaps:
            self.heaps[heap] = dict(self._texts(heap, path))
        if self.heaps[heap].get(index, -1) < length:
            wrong(path, "has an attribute whose text is missing")

    def _texts(self, address: int, path: str) -> Iterator[tuple[int, int]]:
        head = self.file.read_once(address, 16, path)
        size = struct.unpack("<Q", head[8:])[0]
        if head[:5] != b"GCOL\x01" or size > _HEAP:
            wrong(path, "has texts that are damaged")
        block, at = self.file.read(address, size), 16
        while at + 16 <= size:
            index, _, _, length = struct.unpack_from("<HHIQ", block, at)
            if not index:  # the rest is free
                return
            yield index, length
            at += 16 + -(-length // 8) * 8
        if at > size:
            wrong(path, "has texts that are damaged")


def _datatype(body: bytes, path: str) -> tuple[int, int]:
    """Return the class and the bytes of one value."""
    if len(body) < _PREFIX:
        wrong(path, "has a datatype that is damaged")
    kind, version = body[0] & 15, body[0] >> 4
    itemsize = struct.unpack("<I", body[4:8])[0]
    if kind == _STRING:
        fits = 0 < itemsize < _LONGEST
    elif kind == _VARIABLE:  # texts, with characters of one byte
        base = body[8:9] in (b"\x10", b"\x13") and body[12:16] == b"\x01\0\0\0"
        fits = itemsize == _REFERENCE and body[1] & 15 == 1 and base
    else:
        fits = itemsize in _NUMBERS.get(kind, ())
    if version not in (1, 3) or not fits:
        wrong(path, "has a datatype that Keras does not write")
    return kind, itemsize


def _number(body: bytes, path: str) -> int:
    """Return how many values a dataspace has."""
    version, rank, flags = body[:3] if len(body) >= _PREFIX else (0, 0, 0)
    if version != 1 or rank > RANK or flags & ~1:
        wrong(path, "has a dataspace that Keras does not write")
    return math.prod(struct.unpack_from(f"<{rank}Q", body, _PREFIX))
