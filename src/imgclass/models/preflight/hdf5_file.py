"""Checked reading of an HDF5 file's bytes, and the refusal of one of its objects."""

from dataclasses import dataclass, field
from typing import BinaryIO, NoReturn

from imgclass.models.preflight.archive import Span
from imgclass.models.preflight.refusal import Refused, shown


@dataclass(frozen=True, slots=True)
class Hdf5File:
    """An HDF5 file that is a span of another file; `seen` are the addresses read once."""

    file: BinaryIO
    span: Span
    seen: set[int] = field(default_factory=set)

    def read(self, start: int, size: int) -> bytes:
        """Return `size` bytes from `start`, all of which must be in the file."""
        if start + size > self.span.size:
            raise Refused(
                f"The HDF5 file points beyond its end: {size:,} bytes at {start:,} of "
                f"{self.span.size:,}."
            )
        self.file.seek(self.span.start + start)
        data = self.file.read(size)
        if len(data) != size:
            raise Refused("The file ends before it should.")
        return data

    def read_once(self, start: int, size: int, path: str) -> bytes:
        """Return bytes that nothing else in the file may point to."""
        if start in self.seen:
            wrong(path, "has a part that is reached twice")
        self.seen.add(start)
        return self.read(start, size)


def wrong(path: str, what: str) -> NoReturn:
    """Refuse a file for the object at `path`; `what` is a predicate such as `is a soft link`."""
    raise Refused(f"{shown(path or '/')} of the HDF5 file {what}.")
