"""Checked reading of an HDF5 file's bytes, and the refusal of one of its objects."""

from dataclasses import dataclass, field
from typing import BinaryIO, NoReturn

from imgclass.models.preflight.archive import Span
from imgclass.models.preflight.refusal import Refused, shown


@dataclass(frozen=True, slots=True)
class Hdf5File:
    """An HDF5 file inside another file.

    Attributes:
        file: The file that contains it.
        span: Its bytes in that file.
        seen: Addresses that were read with `read_once`.
    """

    file: BinaryIO
    span: Span
    seen: set[int] = field(default_factory=set)

    def read(self, start: int, size: int) -> bytes:
        """Return `size` bytes from `start`.

        Raises:
            Refused: The file does not have them.
        """
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
        """Return bytes that nothing else in the file may point to.

        Raises:
            Refused: The file does not have them, or they were read before.
        """
        if start in self.seen:
            wrong(path, "has a part that is reached twice")
        self.seen.add(start)
        return self.read(start, size)


def wrong(path: str, what: str) -> NoReturn:
    """Refuse a file because of one of its objects.

    Args:
        path: The path of the object.
        what: What is wrong with it, as a predicate such as `is a soft link`.

    Raises:
        Refused: Always.
    """
    raise Refused(f"{shown(path or '/')} of the HDF5 file {what}.")
