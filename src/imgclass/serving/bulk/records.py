"""The complete records of a CSV file that may end in the middle of one."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from imgclass.io.regular_file import open_regular

LONGEST_LINE = 2**22  # bytes; 20,000 classes with their probabilities take a quarter of it


def complete_records(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield each complete record of a CSV file: where it ends, in bytes, and its bytes.

    A line feed inside quotes does not end a record. What follows the last complete one is left out:
    a kill or a full disk can cut a file off anywhere.
    """
    with open_regular(path, links=False) as file:
        record, end = b"", 0
        while line := file.readline(LONGEST_LINE):
            record += line
            if len(record) > LONGEST_LINE:
                return
            # A quote inside a field is doubled, so that the number is odd only within quotes.
            if line.endswith(b"\n") and record.count(b'"') % 2 == 0:
                end += len(record)
                yield end, record
                record = b""


def first_field(record: bytes) -> str:
    r"""Return the first field of a record.

    Example:
        >>> first_field(b'"a,b.png",cat\n')
        'a,b.png'
    """
    text = io.StringIO(record.decode("utf-8", "surrogateescape"), newline="")
    fields = next(csv.reader(text), [])
    return fields[0] if fields else ""
