"""Reading the records of a CSV file: strictly decoded, in bounded memory."""

import codecs
import csv
import os
import re
from collections.abc import Iterator
from io import BufferedReader, TextIOWrapper
from itertools import chain, count

from imgclass.errors import LabelsError, UsageError
from imgclass.images.formats import split_extension
from imgclass.io.regular_file import open_regular

DELIMITERS = (",", ";", "\t")
MAX_LINE = 1_000_000  # characters of a line in memory

_CHUNK = 2**16
_ENCODING_HINT = "say how the file is encoded with encoding (--encoding), such as"
# The longer mark first: the one of UTF-32 begins like that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITER_LINE = re.compile(r"\ufeff?sep=(.)\s*", re.IGNORECASE)  # Excel's first line


def open_text(path: str | os.PathLike[str], *, encoding: str) -> "TextIOWrapper[BufferedReader]":
    """Open a regular file of text: line ends stay as they are, a mark of its encoding is skipped.

    A mark of UTF-16 or UTF-32, as Excel and PowerShell write it, counts more than UTF-8, which is
    what is tried if nothing is said.
    """
    try:
        "".encode(encoding)
    except LookupError as error:
        raise UsageError(
            f"Expected encoding (--encoding) to be one such as utf-8; received {encoding!r}."
        ) from error
    file = open_regular(path)
    if codecs.lookup(encoding).name == "utf-8":
        start = file.peek(4)[:4]
        marked = (name for mark, name in _MARKS if start.startswith(mark))
        encoding = next(marked, "utf-8-sig")
    return TextIOWrapper(file, encoding, newline="")


def choose_delimiter(header: str, delimiter: str | None) -> str:
    """Return the given delimiter, or the only one of comma, semicolon and tab in the header.

    A space is one if none of these is there, and the line is the name of an image and one word, as
    in the lists of many data sets.
    """
    if delimiter is not None:
        character = "\t" if delimiter == r"\t" else delimiter
        if len(character) != 1 or character in '"\r\n':
            raise UsageError(
                f"Expected delimiter (--delimiter) to be one character such as , or ; or \\t; "
                f"received {delimiter!r}."
            )
        return character
    found = [candidate for candidate in DELIMITERS if candidate in header]
    if not found and header.count(" ") == 1 and any(split_extension(w)[1] for w in header.split()):
        return " "
    if len(found) != 1:
        number = "several" if found else "none"
        raise LabelsError(
            f"expected exactly one of comma, semicolon and tab in the header; received {number} in "
            f"{header.strip()[:200]!r}; say which with delimiter (--delimiter)"
        )
    return found[0]


def read_records(
    text: "TextIOWrapper[BufferedReader]", *, delimiter: str | None = None
) -> Iterator[tuple[int, list[str]]]:
    """Yield the fields of each record, header included, and the line on which it begins.

    Blank lines are skipped, and so is a first line `sep=;`, which says the delimiter. A LabelsError
    names the line that is not in its encoding, is too long, or has a quote that is not closed.
    """
    lines = text_lines(text)
    before = 0
    for header in lines:
        if said := _DELIMITER_LINE.fullmatch(header):
            delimiter = said[1] if delimiter is None else delimiter
        elif header.strip():
            break
        before += 1
    else:
        return
    separator = choose_delimiter(header, delimiter)
    records = csv.reader(chain([header], lines), delimiter=separator, strict=True)
    begin = before + 1
    try:
        for fields in records:
            if fields:
                yield begin, fields
            begin = before + records.line_num + 1
    except csv.Error as error:
        raise LabelsError(
            f"line {begin}: {error}; close the quote that opens here, or double one inside a field"
        ) from error


def text_lines(text: "TextIOWrapper[BufferedReader]") -> Iterator[str]:
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
            return (
                f"line {line}: byte {at} is not {encoding}; {_ENCODING_HINT} cp1252, which Excel "
                "writes in western Europe and America (as plain CSV; 'CSV UTF-8' needs no option)"
            )
        if not chunk:
            return ""
        offset += len(chunk)
        line += chunk.count(b"\n")
