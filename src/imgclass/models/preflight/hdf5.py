"""An HDF5 file of weights, read as one of the few forms in which h5py writes Keras's weights.

These are: superblock 0, groups with symbol tables, object headers of version 1, contiguous
datasets. All addresses and data are within the file, and no object is reached twice. Links,
external files, virtual or chunked datasets and filters are refused.
Source: The HDF Group, *HDF5 File Format Specification*, version 3.0, sections II to IV.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from imgclass.models.preflight.archive import Span
from imgclass.models.preflight.hdf5_file import Hdf5File, wrong
from imgclass.models.preflight.hdf5_messages import (
    ATTRIBUTE,
    CONTINUATION,
    MESSAGES,
    TABLE,
    Attributes,
    Message,
    Piece,
    dataset,
    require_known,
)
from imgclass.models.preflight.refusal import Refused, shown

OBJECTS = 20_000  # groups and datasets; NASNetMobile has 2,683
DEPTH = 32  # nested groups; each model in a model takes two
NAME = 1_000  # bytes of a name

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_VERSIONS = bytes((0, 0, 0, 0, 0, 8, 8, 0))  # version 0 of all parts; addresses of 8 bytes
_UNDEFINED = 2**64 - 1
_LEAF, _INTERNAL = 4, 16  # half the entries of a symbol table node and of a tree node
_LEVELS = 8  # of a tree; two levels hold 1,000 names
_ENTRY = struct.Struct("<QQIIQQ")  # an entry of a symbol table
_LAST_FREE = 1  # ends the list of free blocks in a heap of names


@dataclass(frozen=True, slots=True)
class HeldWeights:
    """How many arrays, and numbers in all of them, a file of weights has."""

    datasets: int
    values: int


def require_plain_weights(file: BinaryIO, span: Span) -> HeldWeights:
    """Return how much the HDF5 file in `span` of `file` has, after checking its whole structure."""
    try:
        pieces = _Walk(Hdf5File(file, span)).pieces()
    except struct.error as error:
        raise Refused(f"The HDF5 file is damaged: {error}") from error
    end = 0
    for piece in sorted(pieces, key=lambda piece: piece.start):
        if piece.size and piece.start < end:
            wrong(piece.path, "overlaps another dataset")
        end = max(end, piece.start + piece.size)
    return HeldWeights(len(pieces), sum(piece.values for piece in pieces))


@dataclass(slots=True)
class _Walk:
    file: Hdf5File
    objects: int = 0
    attributes: Attributes = field(init=False)

    def __post_init__(self) -> None:
        self.attributes = Attributes(self.file)

    def pieces(self) -> list[Piece]:
        found = []
        waiting = [("", self.root())]
        while waiting:  # no recursion, since the file decides how deep its groups are
            path, entry = waiting.pop()
            self.objects += 1
            if self.objects > OBJECTS or path.count("/") > DEPTH:
                raise Refused(
                    f"The HDF5 file has more than {OBJECTS:,} objects, or groups nested deeper "
                    f"than {DEPTH}."
                )
            _, header, cache, _, *table = _ENTRY.unpack(entry)
            if cache not in (0, 1):
                wrong(path, "is a soft link")
            messages = self.messages(path, header)
            is_group = require_known(messages, path)
            for kind, body in messages:
                if kind == ATTRIBUTE:
                    self.attributes.require(body, path)
            if is_group:
                waiting += self.members(path, messages, tuple(table) if cache else None)
            else:
                found.append(dataset(messages, path, self.file))
        return found

    def root(self) -> bytes:
        """Return the root group's entry, after checking the superblock."""
        block = self.file.read(0, 96)
        if not block.startswith(_SIGNATURE):
            raise Refused("It is no HDF5 file, which weights saved by Keras are.")
        if block[8:16] != _VERSIONS:
            raise Refused(f"The HDF5 file has superblock {block[8]}; Keras's weights have 0.")
        leaf, internal, _ = struct.unpack("<HHI", block[16:24])
        base, free, end, driver = struct.unpack("<4Q", block[24:56])
        if (leaf, internal) != (_LEAF, _INTERNAL) or base or free != _UNDEFINED:
            raise Refused("The superblock of the HDF5 file is not as h5py writes it.")
        if driver != _UNDEFINED:
            raise Refused("The HDF5 file names a driver, which may read other files.")
        if end > self.file.span.size:
            raise Refused(f"The HDF5 file is cut off: {self.file.span.size:,} of {end:,} bytes.")
        return block[56:96]

    def messages(self, path: str, address: int) -> list[Message]:
        """Return the messages of an object header, from all its blocks."""
        head = self.file.read_once(address, 16, path)
        version, _, count, references, size = struct.unpack("<BBHII", head[:12])
        if version != 1 or references > 1:
            wrong(path, "has a header of the new form" if version != 1 else "is linked twice")
        found: list[Message] = []
        blocks = [(address + 16, size)]
        while blocks:
            for kind, body in _messages(self.file.read_once(*blocks.pop(), path), path):
                found.append((kind, body))
                if kind == CONTINUATION:
                    blocks.append(struct.unpack("<QQ", body[:16]))
                if len(found) > MESSAGES:
                    wrong(path, f"has more than {MESSAGES} messages")
        if len(found) != count:
            wrong(path, "has another number of messages than it declares")
        return found

    def members(
        self, path: str, messages: list[Message], cached: tuple[int, ...] | None
    ) -> Iterator[tuple[str, bytes]]:
        """Yield paths and entries of a group's members."""
        tables = [struct.unpack("<QQ", body[:16]) for kind, body in messages if kind == TABLE]
        if len({*tables, cached or tables[0]}) > 1 or len(tables) > 1:
            wrong(path, "has two tables of its members")
        names = self.names(path, tables[0][1])
        taken = set()
        for node in self.leaves(path, tables[0][0]):
            head = self.file.read_once(node, 8, path)
            count = struct.unpack("<H", head[6:])[0]
            if head[:5] != b"SNOD\x01" or count > 2 * _LEAF:
                wrong(path, "has a table that is damaged")
            block = self.file.read(node + 8, _ENTRY.size * count)
            for at in range(0, len(block), _ENTRY.size):
                entry = block[at : at + _ENTRY.size]
                name = _name(names, _ENTRY.unpack(entry)[0], path)
                if name in taken:
                    wrong(path, f"has two objects named {shown(name)}")
                taken.add(name)
                yield f"{path}/{name}", entry

    def leaves(self, path: str, tree: int) -> Iterator[int]:
        """Yield the addresses of a group's tables."""
        nodes: list[tuple[int, int | None]] = [(tree, None)]
        while nodes:
            address, level = nodes.pop()
            block = self.file.read_once(address, 24 + 8 * (4 * _INTERNAL + 1), path)
            kind, own, used = struct.unpack("<BBH", block[4:8])
            if block[:4] != b"TREE" or kind or used > 2 * _INTERNAL or own > _LEVELS:
                wrong(path, "has a tree that is damaged")
            if level is not None and own != level:
                wrong(path, "has a tree whose levels do not match")
            children = struct.unpack_from("<" + "8xQ" * used, block, 24)
            if own:
                nodes += [(child, own - 1) for child in children]
            else:
                yield from children

    def names(self, path: str, heap: int) -> bytes:
        """Return the bytes with the members' names."""
        head = self.file.read_once(heap, 32, path)
        size, free, data = struct.unpack("<QQQ", head[8:])
        if head[:5] != b"HEAP\x00" or size > OBJECTS * NAME:
            wrong(path, "has names that are damaged")
        names = self.file.read_once(data, size, path)
        freed = set()
        while free != _LAST_FREE:
            if free + 16 > size or free in freed:
                wrong(path, "has names that are damaged")
            freed.add(free)
            free = struct.unpack_from("<Q", names, free)[0]
        return names


def _messages(block: bytes, path: str) -> Iterator[Message]:
    at = 0
    while at + 8 <= len(block):
        kind, length, flags = struct.unpack_from("<HHB", block, at)
        body = block[at + 8 : at + 8 + length]
        if len(body) != length or length % 8:
            wrong(path, "has a message that is longer than its header")
        if flags & ~1:  # 1: constant; 2: shared, stored elsewhere
            wrong(path, "has a message that is stored elsewhere")
        yield kind, body
        at += 8 + length


def _name(names: bytes, start: int, path: str) -> str:
    end = names.find(b"\0", start, start + NAME + 1)
    if end < 0:
        wrong(path, f"has a name of more than {NAME:,} bytes, or one without end")
    try:
        name = names[start:end].decode()
    except UnicodeDecodeError:
        wrong(path, "has a name that is not UTF-8")
    if name in ("", ".", "..") or "/" in name:
        wrong(path, f"has an object named {shown(name)}")
    return name
