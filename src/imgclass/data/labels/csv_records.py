"""Reading the records of a CSV file: strictly decoded, in bounded memory."""

import codecs
import csv
import os
from collections.abc import Iterator
from io import BufferedReader, TextIOWrapper
from itertools import chain, count

from imgclass.data.labels.columns import choose_delimiter
from imgclass.errors import LabelsError, UsageError
from imgclass.io.regular_file import open_regular

MAX_LINE = 1_000_000  # characters of a line in memory

_CHUNK = 2**16
_ENCODING_HINT = "say how the file is encoded with encoding (--encoding), such as"
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def open_text(path: str | os.PathLike[str], *, encoding: str) -> "TextIOWrapper[BufferedReader]":
    """Open a regular file of text: line ends stay as they are, a UTF-8 mark is skipped."""
    try:
        "".encode(encoding)
    except LookupError as error:
        raise UsageError(
            f"Expected encoding (--encoding) to be one such as utf-8; received {encoding!r}."
        ) from error
    is_utf8 = codecs.lookup(encoding).name == "utf-8"
    return TextIOWrapper(open_regular(path), "utf-8-sig" if is_utf8 else encoding, newline="")


def read_records(
    text: "TextIOWrapper[BufferedReader]", *, delimiter: str | None = None
) -> Iterator[tuple[int, list[str]]]:
    """Yield the fields of each record, header included, and the line on which it begins.

    Blank lines are skipped. A LabelsError names the line that is not in its encoding, is too long,
    or has a quote that is not closed.
    """
    lines = _lines(text)
    blank = 0
    for header in lines:
        if header.strip():
            break
        blank += 1
    else:
        return
    separator = choose_delimiter(header, delimiter)
    records = csv.reader(chain([header], lines), delimiter=separator, strict=True)
    begin = blank + 1
    try:
        for fields in records:
            if fields:
                yield begin, fields
            begin = blank + records.line_num + 1
    except csv.Error as error:
        raise LabelsError(
            f"line {begin}: {error}; close the quote that opens here, or double one inside a field"
        ) from error


def _lines(text: "TextIOWrapper[BufferedReader]") -> Iterator[str]:
    """Yield lines without ever holding more than `MAX_LINE` characters."""
    try:
        for number in count(1):
            line = text.readline(MAX_LINE + 1)
            if not line:
                return
            if len(line) > MAX_LINE:
                raise LabelsError(f"line {number}: longer than {MAX_LINE:,} characters")
            if "\0" in line:
                raise LabelsError(f"line {number}: a NUL byte; {_ENCODING_HINT} utf-16")
            yield line
    except UnicodeError as error:
        raise LabelsError(_undecodable(text.buffer, text.encoding) or str(error)) from error


def _undecodable(file: BufferedReader, encoding: str) -> str:
    """Describe the first byte of a file that is not in `encoding`."""
    encoding = encoding.removesuffix("-sig")  # the mark is one of the bytes
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    offset, line = 0, 1
    while True:
        chunk = file.read(_CHUNK)
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line += chunk[: max(0, error.start - held)].count(b"\n")
            at = offset + error.start - held
            likely = "utf-16" if error.object[:2] in _UTF16_MARKS and at == 0 else "cp1252"
            return f"line {line}: byte {at} is not {encoding}; {_ENCODING_HINT} {likely}"
        if not chunk:
            return ""
        offset += len(chunk)
        line += chunk.count(b"\n")
