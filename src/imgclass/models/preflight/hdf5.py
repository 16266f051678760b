"""An HDF5 file of weights, held against the few forms in which h5py writes Keras's.

These are: superblock 0, groups by symbol tables, object headers of version 1, datasets in one
piece. Every address lies in the file, no object is reached twice, and no dataset holds more bytes
than the file does. Links, external files, virtual or chunked datasets and filters are refused.
Source: The HDF Group, *HDF5 File Format Specification*, version 3.0, sections II to IV.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NoReturn

from imgclass.models.preflight.archive import Span
from imgclass.models.preflight.refusal import Refused, shown

OBJECTS = 30_000  # NASNetLarge has 5,500 groups and datasets
MESSAGES = 500  # of one object; a file of the old form keeps its layers' names in chunks
NAME = 1_000  # bytes of an object's name
RANK = 32  # HDF5's own limit

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_UNDEFINED = 2**64 - 1
_LEAF, _INTERNAL = 4, 16  # entries of a symbol table node and of a tree node, halved: HDF5's own
_LEVELS = 8
_NIL, _SPACE, _TYPE, _OLD_FILL, _FILL, _LAYOUT = 0x00, 0x01, 0x03, 0x04, 0x05, 0x08
_OLD_TIME, _TIME, _ATTRIBUTE, _CONTINUATION, _TABLE = 0x0E, 0x12, 0x0C, 0x10, 0x11
_ANYWHERE = {_NIL, _ATTRIBUTE, _CONTINUATION, _OLD_TIME, _TIME}
_OF_GROUP = _ANYWHERE | {_TABLE}
_OF_DATASET = _ANYWHERE | {_SPACE, _TYPE, _OLD_FILL, _FILL, _LAYOUT}
_NAMED = {
    0x02: "link info (groups of the new form)",
    0x06: "a soft or external link",
    0x07: "external storage",
    0x0A: "group info (groups of the new form)",
    0x0B: "a filter (compression)",
    0x13: "a table of shared messages",
    0x15: "attribute info (attributes of the new form)",
}
_INTEGER, _FLOAT, _STRING, _VARIABLE = 0, 1, 3, 9
_SIZES = {_INTEGER: (1, 2, 4, 8), _FLOAT: (2, 4, 8)}

Message = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class HeldWeights:
    """What a file of weights holds.

    Attributes:
        datasets: The number of arrays.
        values: The number of numbers in all of them.
    """

    datasets: int
    values: int


def require_plain_weights(file: BinaryIO, span: Span) -> HeldWeights:
    """Return what the HDF5 file in some bytes of a file holds.

    Args:
        file: The file.
        span: Where the HDF5 file lies in it.

    Raises:
        Refused: It has a form that h5py does not write for Keras's weights.
    """
    walk = _Walk(file, span)
    try:
        walk.everything()
    except struct.error as error:
        raise Refused(f"The HDF5 file is cut off: {error}") from error
    return HeldWeights(walk.datasets, walk.values)


@dataclass(slots=True)
class _Walk:
    file: BinaryIO
    span: Span
    seen: set[int] = field(default_factory=set)
    heaps: dict[int, dict[int, int]] = field(default_factory=dict)
    pieces: list[tuple[int, int, str]] = field(default_factory=list)
    objects: int = 0
    datasets: int = 0
    values: int = 0

    def everything(self) -> None:
        block = self.read(0, 96)
        if not block.startswith(_SIGNATURE):
            raise Refused("It is no HDF5 file, as the weights that Keras saves are one.")
        if block[8:16] != bytes((0, 0, 0, 0, 0, 8, 8, 0)):
            raise Refused(f"The HDF5 file has superblock {block[8]}; Keras's weights have 0.")
        leaf, internal, _ = struct.unpack("<HHI", block[16:24])
        base, free, end, driver = struct.unpack("<4Q", block[24:56])
        if (leaf, internal) != (_LEAF, _INTERNAL) or base or free != _UNDEFINED:
            raise Refused("The superblock of the HDF5 file is not as h5py writes it.")
        if driver != _UNDEFINED:
            raise Refused("The HDF5 file names a driver, which may be one of several files.")
        if end > self.span.size:
            raise Refused(f"The HDF5 file is cut off: {self.span.size:,} of {end:,} bytes.")
        groups = [("", block[56:96])]
        while groups:  # no recursion: a file says how deep its groups are
            path, entry = groups.pop()
            groups += self.object(path, entry)
        self._require_apart()

    def read(self, start: int, size: int) -> bytes:
        """Return bytes of the HDF5 file, which must have them."""
        if start + size > self.span.size:
            raise Refused(
                f"The HDF5 file points behind its end: {size:,} bytes at {start:,} of "
                f"{self.span.size:,}."
            )
        self.file.seek(self.span.start + start)
        data = self.file.read(size)
        if len(data) != size:
            raise Refused("The file ends before it should.")
        return data

    def first(self, address: int, what: str) -> None:
        """Require that nothing was read at an address before."""
        if address in self.seen:
            raise Refused(f"{what} of the HDF5 file is reached twice.")
        self.seen.add(address)

    def object(self, path: str, entry: bytes) -> list[tuple[str, bytes]]:
        """Check one object; return the paths and symbol table entries of what a group holds."""
        _, header, cache, _, *table = struct.unpack("<QQIIQQ", entry)
        self.objects += 1
        if self.objects > OBJECTS:
            raise Refused(f"The HDF5 file has more than {OBJECTS:,} objects.")
        if cache not in (0, 1):
            self.wrong(path, "is a soft link")
        self.first(header, f"The object {shown(path)}")
        messages = self.messages(path, header)
        kinds = {kind for kind, _ in messages}
        allowed = _OF_GROUP if _TABLE in kinds else _OF_DATASET
        if strange := kinds - allowed:
            number = min(strange)
            self.wrong(path, f"has {_NAMED.get(number, f'a message of type {number}')}")
        for kind, body in messages:
            if kind == _ATTRIBUTE:
                self.attribute(path, body)
        if _TABLE not in kinds:
            self.dataset(path, messages)
            return []
        tables = [struct.unpack("<QQ", body[:16]) for kind, body in messages if kind == _TABLE]
        if len(tables) != 1 or (cache and tuple(table) != tables[0]):
            self.wrong(path, "has two tables of what it holds")
        return list(self.entries(path, *tables[0]))

    def messages(self, path: str, address: int) -> list[Message]:
        """Return the messages of an object header, in all its blocks."""
        version, _, count, references, size = struct.unpack("<BBHII", self.read(address, 12))
        if version != 1:
            self.wrong(path, "has an object header of the new form")
        if references > 1:
            self.wrong(path, "is linked twice")
        found: list[Message] = []
        blocks = [(address + 16, size)]
        while blocks:
            start, size = blocks.pop()
            if start != address + 16:
                self.first(start, f"A block of {shown(path)}")
            block, at = self.read(start, size), 0
            while at + 8 <= size:
                kind, length, flags = struct.unpack_from("<HHB", block, at)
                body = block[at + 8 : at + 8 + length]
                if len(body) != length or length % 8:
                    self.wrong(path, "has a message that leaves its header")
                if flags & ~1:  # 1: it never changes; 2: it lies elsewhere
                    self.wrong(path, "has a message that lies elsewhere")
                found.append((kind, body))
                if kind == _CONTINUATION:
                    blocks.append(struct.unpack("<QQ", body[:16]))
                if len(found) > MESSAGES:
                    self.wrong(path, f"has more than {MESSAGES} messages")
                at += 8 + length
        if len(found) != count:
            self.wrong(path, "has another number of messages than it declares")
        return found

    def entries(self, path: str, tree: int, heap: int) -> Iterator[tuple[str, bytes]]:
        """Yield the paths and symbol table entries of what a group holds."""
        names = self.names(path, heap)
        taken = set()
        for node in self.leaves(path, tree):
            self.first(node, f"A table of {shown(path)}")
            head = self.read(node, 8)
            count = struct.unpack("<H", head[6:])[0]
            if head[:5] != b"SNOD\x01" or count > 2 * _LEAF:
                self.wrong(path, "has a table that is damaged")
            block = self.read(node + 8, 40 * count)
            for at in range(0, 40 * count, 40):
                entry = block[at : at + 40]
                name = self.name(path, names, struct.unpack("<Q", entry[:8])[0])
                if name in taken:
                    self.wrong(path, f"has two objects named {shown(name)}")
                taken.add(name)
                yield f"{path}/{name}", entry

    def leaves(self, path: str, tree: int) -> Iterator[int]:
        """Yield the addresses of a group's symbol table nodes."""
        nodes: list[tuple[int, int | None]] = [(tree, None)]
        while nodes:
            address, level = nodes.pop()
            self.first(address, f"A tree of {shown(path)}")
            block = self.read(address, 24 + 8 * (4 * _INTERNAL + 1))
            kind, own, used = struct.unpack("<BBH", block[4:8])
            if block[:4] != b"TREE" or kind or used > 2 * _INTERNAL or own > _LEVELS:
                self.wrong(path, "has a tree that is damaged")
            if level is not None and own != level:
                self.wrong(path, "has a tree whose levels do not fit")
            for entry in range(used):
                child = struct.unpack_from("<Q", block, 32 + 16 * entry)[0]
                if own:
                    nodes.append((child, own - 1))
                else:
                    yield child
            if len(self.seen) > 4 * OBJECTS:
                raise Refused(f"The HDF5 file has more than {OBJECTS:,} objects.")

    def names(self, path: str, heap: int) -> bytes:
        """Return the names of what a group holds, one behind the other."""
        self.first(heap, f"The names of {shown(path)}")
        head = self.read(heap, 32)
        size, free, data = struct.unpack("<QQQ", head[8:])
        if head[:5] != b"HEAP\x00" or size > 2 * OBJECTS * NAME:
            self.wrong(path, "has names that are damaged")
        names = self.read(data, size)
        freed = set()
        while free != 1:  # HDF5's word for the end of the list
            if free + 16 > size or free in freed:
                self.wrong(path, "has names that are damaged")
            freed.add(free)
            free = struct.unpack_from("<Q", names, free)[0]
        return names

    def name(self, path: str, names: bytes, start: int) -> str:
        end = names.find(b"\0", start, start + NAME + 1)
        if end < 0:
            self.wrong(path, f"has a name of more than {NAME:,} bytes, or one without end")
        try:
            name = names[start:end].decode()
        except UnicodeDecodeError:
            self.wrong(path, "has a name that is not UTF-8")
        if name in ("", ".", "..") or "/" in name:
            self.wrong(path, f"has an object named {shown(name)}")
        return name

    def dataset(self, path: str, messages: list[Message]) -> None:
        bodies = dict(messages)
        once = [kind for kind, _ in messages if kind in (_SPACE, _TYPE, _LAYOUT)]
        if sorted(once) != [_SPACE, _TYPE, _LAYOUT]:
            self.wrong(path, "is neither a group nor a dataset")
        kind, itemsize = self.type(path, bodies[_TYPE])
        if kind == _VARIABLE:
            self.wrong(path, "is a dataset of texts of any length")
        values = self.number(path, bodies[_SPACE])
        layout = bodies[_LAYOUT]
        version, way = layout[:2]
        if version != 3 or way != 1:
            ways = {0: "compact", 2: "chunked", 3: "virtual"}
            word = ways.get(way, "of another form") if version in (3, 4) else "of another form"
            self.wrong(path, f"is a dataset that is {word}; Keras writes it in one piece")
        start, size = struct.unpack("<QQ", layout[2:18])
        if size != values * itemsize:
            self.wrong(
                path, f"declares {values:,} values of {itemsize} bytes and holds {size:,} bytes"
            )
        if size:
            if start + size > self.span.size:
                self.wrong(
                    path, f"declares {size:,} bytes at {start:,}, which the file does not have"
                )
            self.pieces.append((start, size, path))
        self.datasets += 1
        self.values += values

    def attribute(self, path: str, body: bytes) -> None:
        version, _, name, kind, space = struct.unpack("<BBHHH", body[:8])
        if version != 1:
            self.wrong(path, "has an attribute of the new form")
        starts = [8]
        for size in (name, kind, space):
            starts.append(starts[-1] + -(-size // 8) * 8)
        if starts[-1] > len(body) or not name or body[7 + name] or b"\0" in body[8 : 7 + name]:
            self.wrong(path, "has an attribute that is damaged")
        form, itemsize = self.type(path, body[starts[1] : starts[1] + kind])
        values = self.number(path, body[starts[2] : starts[2] + space])
        data = body[starts[3] :]
        if values * itemsize > len(data):
            self.wrong(path, "has an attribute that declares more than it holds")
        if form == _VARIABLE:
            for at in range(0, 16 * values, 16):
                self.text(path, *struct.unpack_from("<IQI", data, at))

    def text(self, path: str, length: int, heap: int, index: int) -> None:
        """Check where an attribute's text lies."""
        if not length:
            return
        if heap not in self.heaps:
            self.first(heap, "A heap of texts")
            self.heaps[heap] = dict(self.heap(path, heap))
        if self.heaps[heap].get(index, -1) < length:
            self.wrong(path, "has an attribute whose text is not there")

    def heap(self, path: str, address: int) -> Iterator[tuple[int, int]]:
        """Yield the number and size of each text in a heap."""
        head = self.read(address, 16)
        size = struct.unpack("<Q", head[8:])[0]
        if head[:5] != b"GCOL\x01" or size > 2**20:
            self.wrong(path, "has texts that are damaged")
        block, at = self.read(address, size), 16
        while at + 16 <= size:
            index, _, _, length = struct.unpack_from("<HHIQ", block, at)
            if not index:  # the rest is free
                return
            yield index, length
            at += 16 + -(-length // 8) * 8
        if at > size:
            self.wrong(path, "has texts that are damaged")

    def type(self, path: str, body: bytes) -> tuple[int, int]:
        """Return the class of a datatype and the bytes of one value."""
        if len(body) < 8:
            self.wrong(path, "has a datatype that is damaged")
        kind, version = body[0] & 15, body[0] >> 4
        itemsize = struct.unpack("<I", body[4:8])[0]
        fits = {
            _STRING: 0 < itemsize < 2**16,
            # A text of any length, of bytes: type 1 of base class 0 or 3, one byte each.
            _VARIABLE: itemsize == 16
            and body[1] & 15 == 1
            and body[8:9] in (b"\x10", b"\x13")
            and body[12:16] == b"\x01\0\0\0",
        }.get(kind, itemsize in _SIZES.get(kind, ()))
        if version not in (1, 3) or not fits:
            self.wrong(path, "has a datatype that Keras does not write")
        return kind, itemsize

    def number(self, path: str, body: bytes) -> int:
        """Return how many values a dataspace has."""
        version, rank, flags = body[:3] if len(body) >= 8 else (0, 0, 0)
        if version != 1 or rank > RANK or flags & ~1:
            self.wrong(path, "has a dataspace that Keras does not write")
        return math.prod(struct.unpack_from(f"<{rank}Q", body, 8))

    def _require_apart(self) -> None:
        end = 0
        for start, size, path in sorted(self.pieces):
            if start < end:
                self.wrong(path, "overlaps another dataset")
            end = start + size

    def wrong(self, path: str, what: str) -> NoReturn:
        raise Refused(f"{shown(path or '/')} of the HDF5 file {what}.")
