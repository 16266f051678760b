"""Reading bytes of an HDF5 file that must have them, and saying what is wrong with it."""

from dataclasses import dataclass, field
from typing import BinaryIO, NoReturn

from imgclass.models.preflight.archive import Span
from imgclass.models.preflight.refusal import Refused, shown


@dataclass(frozen=True, slots=True)
class Hdf5File:
    """An HDF5 file in some bytes of a file.

    Attributes:
        file: The file.
        span: Where the HDF5 file lies in it.
        seen: Addresses from which something was read; nothing is read twice.
    """

    file: BinaryIO
    span: Span
    seen: set[int] = field(default_factory=set)

    def read(self, start: int, size: int) -> bytes:
        """Return some bytes.

        Raises:
            Refused: The file does not have them.
        """
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

    def read_once(self, start: int, size: int, path: str) -> bytes:
        """Return some bytes that nothing else may point to.

        Raises:
            Refused: The file does not have them, or something was read there before.
        """
        if start in self.seen:
            wrong(path, "has a part that is reached twice")
        self.seen.add(start)
        return self.read(start, size)


def wrong(path: str, what: str) -> NoReturn:
    """Refuse a file for one of its objects.

    Args:
        path: Of the object.
        what: What it has or is.

    Raises:
        Refused: Always.
    """
    raise Refused(f"{shown(path or '/')} of the HDF5 file {what}.")
