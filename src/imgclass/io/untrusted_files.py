"""Reading files from strangers: regular files only, without links, up to a size."""

import csv
import errno
import os
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path

from imgclass.io.regular_file import open_regular

# Characters of one line of a table: 100 fields of the longest path.
LONGEST_LINE = 100 * 4096


def exists(path: str | os.PathLike[str]) -> bool:
    """Return whether anything is at `path`, even a broken link, unlike `Path.exists`."""
    try:
        Path(path).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):  # reading it will raise a clear error
        return True
    return True


def read_bytes(path: str | os.PathLike[str], *, limit: int, links: bool = False) -> bytes:
    """Return the bytes of a regular file of at most `limit` bytes; no link unless `links`."""
    with open_regular(path, links=links) as file:
        _require_size(os.fstat(file.fileno()).st_size, limit, path)
        content = file.read(limit + 1)
    _require_size(len(content), limit, path)  # it may have grown
    return content


def read_text(path: str | os.PathLike[str], *, limit: int, links: bool = False) -> str:
    """Return the text of a UTF-8 file; a ValueError names the file and the byte if it is not."""
    content = read_bytes(path, limit=limit, links=links)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{os.fspath(path)}: expected UTF-8; byte {error.start + 1:,} is not."
        ) from error


def table_rows(
    path: str | os.PathLike[str], *, limit: int, links: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """Yield each row of a CSV file: the number of its last line, from 1, and its fields.

    Bytes that are not UTF-8 become surrogates, as in file names.
    """
    with open_regular(path, links=links) as file:
        _require_size(os.fstat(file.fileno()).st_size, limit, path)
        text = TextIOWrapper(file, "utf-8", "surrogateescape", newline="")
        rows = csv.reader(_lines(text, os.fspath(path)), strict=True)
        try:
            for row in rows:
                yield rows.line_num, row
        except csv.Error as error:
            raise ValueError(f"{os.fspath(path)}, line {rows.line_num}: {error}.") from error


def _lines(text: TextIOWrapper, name: str) -> Iterator[str]:
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise ValueError(
                f"{name}, line {number}: expected less than {LONGEST_LINE:,} characters."
            )
        if "\0" in line:
            raise ValueError(f"{name}, line {number}: expected text; received a NUL byte.")
        yield line


def _require_size(size: int, limit: int, path: str | os.PathLike[str]) -> None:
    if size > limit:
        reason = f"it has {size:,} bytes; at most {limit:,} are read"
        raise OSError(errno.EFBIG, reason, os.fspath(path))
