"""CSVs with every fault of the catalogue, in several dialects: each named, or read exactly."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import crash_harness
from benchmarks.robustness.homes import listing, ppm
from benchmarks.robustness.trials import Row, Trials, require
from imgclass.data.manifest import Manifest
from imgclass.data.organize.organizer import DatasetOrganizer
from imgclass.errors import ImgclassError, LabelsError, MachineError, UnsafeError, UsageError

Rows = dict[str, str]
TWO: Rows = {"1.ppm": "cat", "2.ppm": "dog"}
SHORT_STRIDE = 3


@dataclass(frozen=True, slots=True)
class Case:
    """A CSV, and what becomes of it.

    Attributes:
        name: Its code in the catalogue, and what it is.
        csv: Its text or bytes; or what puts something else in its place.
        expected: The kind of error, or the images and their labels.
        options: Of the organizer.
        files: In the folder of images.
    """

    name: str
    csv: str | bytes | Callable[[Path], object]
    expected: type[ImgclassError] | Rows
    options: dict[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ("1.ppm", "2.ppm")


@dataclass(frozen=True, slots=True)
class Dialect:
    """A way to write the same records."""

    name: str
    encoding: str = "utf-8"
    delimiter: str = ","
    end: str = "\n"
    options: dict[str, Any] = field(default_factory=dict)

    def write(self, case: Case) -> Case:
        """Return a case in this dialect."""
        assert isinstance(case.csv, str)
        text = case.csv.replace(",", self.delimiter).replace("\n", self.end)
        csv, options = text.encode(self.encoding), case.options | self.options
        return Case(f"{case.name}, {self.name}", csv, case.expected, options, case.files)


DIALECTS = (
    Dialect("plain"),
    Dialect("BOM, CRLF", encoding="utf-8-sig", end="\r\n"),
    Dialect("semicolons", delimiter=";"),
    Dialect("tabs, CR", delimiter="\t", end="\r"),
    Dialect("UTF-16", encoding="utf-16", options={"encoding": "utf-16"}),
    Dialect("bars, UTF-32", "utf-32", "|", options={"encoding": "utf-32", "delimiter": "|"}),
)
UNSAFE = ("../1", "/etc/passwd", "C:\\1", "C:1", "..\\1", "~/1", "~root", "a/../../1", "..", "1/..")
FAULTS = (
    Case("L02 header only", "id,label\n", LabelsError),
    Case("L06 unknown names", "key,kind,x\n1,cat,y\n2,dog,y\n", LabelsError),
    Case("L06 label twice", "id,label,label\n1,cat,dog\n2,dog,cat\n", LabelsError),
    Case("L06 outer space", "id, label\n1, cat\n2, dog\n", LabelsError),
    Case("L06 no such column", "id,label\n1,cat\n2,dog\n", LabelsError, {"id_column": "nr"}),
    Case("L06 one for both", "id,label\n1,cat\n2,dog\n", LabelsError, {"label_column": "id"}),
    Case("L07 a field too many", "id,label\n1,cat\n2,dog,x\n", LabelsError),
    Case("L07 a field too few", "id,label\n1,cat\n2\n", LabelsError),
    Case("L07 all one too many", "id,label\n1,cat,\n2,dog,\n", LabelsError),
    Case("L08 open quote", 'id,label\n1,cat\n2,"dog\n', LabelsError),
    Case("L08 two quotes", 'id,label\n1,"cat\n2,"dog\n', LabelsError),
    Case("L08 quote inside", 'id,label\n1,"c"at\n2,dog\n', LabelsError),
    Case("L08 line break in label", 'id,label\n1,"c\nt"\n2,dog\n', LabelsError),
    Case("L08 line break in id", 'id,label\n"1\n",cat\n2,dog\n', LabelsError),
    Case("L08 NUL in label", "id,label\n1,c\0t\n2,dog\n", LabelsError),
    Case("L08 NUL in header", "id\0,label\n1,cat\n2,dog\n", LabelsError),
    Case("L09 strict", "id,label\n1,cat\n2,dog\n1,cat\n", LabelsError, {"strict": True}),
    Case("L10 two labels", "id,label\n1,cat\n2,dog\n1,dog\n", LabelsError),
    Case("L10 two ids of one file", "id,label\n1,cat\n1.ppm,cat\n2,dog\n", LabelsError),
    Case("L11 empty id", "id,label\n,cat\n2,dog\n", LabelsError),
    Case("L11 empty label", "id,label\n1,\n2,dog\n", LabelsError),
    Case("L11 blank label", "id,label\n1,  \n2,dog\n", LabelsError),
    Case(
        "L13 two candidates",
        "id,label\n1,cat\n2,dog\n",
        LabelsError,
        files=("1.ppm", "1.PPM", "2.ppm"),
    ),
    Case(
        "L13 two numbers", "id,label\n1,cat\n2,dog\n", LabelsError, files=("01.ppm", "001.ppm", "2")
    ),
    Case("L14 row without file", "id,label\n1,cat\n2,dog\n7,dog\n", LabelsError),
    Case("L14 file without row", "id,label\n1,cat\n", LabelsError),
    *(Case(f"L15 {u}", f"id,label\n1,cat\n{u},dog\n", UnsafeError) for u in UNSAFE),
    Case("L16 control character", "id,label\n1,a\x1bb\n2,dog\n", LabelsError),
    Case("L16 256 bytes", f"id,label\n1,{'x' * 256}\n2,dog\n", LabelsError),
    Case("L17 case", "id,label\n1,Cat\n2,cat\n", LabelsError),
    Case("L17 last space", "id,label\n1,cat\n2,cat \n", LabelsError),
    Case("L17 last dot", "id,label\n1,cat\n2,cat.\n", LabelsError),
    Case("L17 accents", "id,label\n1,caf\xe9\n2,cafe\u0301\n", LabelsError),
    Case("L17 CON", "id,label\n1,CON\n2,dog\n", LabelsError),
    Case("L17 aux.txt", "id,label\n1,aux.txt\n2,dog\n", LabelsError),
    Case("L19 one class", "id,label\n1,cat\n2,cat\n", LabelsError),
    Case("L20 long field", f"id,label\n1,{'x' * 200_000}\n2,dog\n", LabelsError),
    Case("L20 long line", f"id,label\n1,{'x' * 1_000_001}\n2,dog\n", LabelsError),
)


def _listen(path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as server:
        server.bind(str(path))


def _link_to_fifo(path: Path) -> None:
    os.mkfifo(path.with_name("fifo"))
    path.symlink_to("fifo")


SINGLES = (
    Case("L01 missing", lambda _path: None, LabelsError),
    Case("L01 directory", Path.mkdir, LabelsError),
    Case("L01 FIFO", os.mkfifo, LabelsError),
    Case("L01 socket", _listen, LabelsError),
    Case("L01 link to nothing", lambda path: path.symlink_to("nowhere"), LabelsError),
    Case("L01 link to itself", lambda path: path.symlink_to(path.name), LabelsError),
    Case("L01 link to /dev/zero", lambda path: path.symlink_to("/dev/zero"), LabelsError),
    Case("L01 link to a FIFO", _link_to_fifo, LabelsError),
    Case("L02 empty", b"", LabelsError),
    Case("L02 blank lines", b"\n\r\n \n", LabelsError),
    Case("L02 BOM only", b"\xef\xbb\xbf", LabelsError),
    Case("L04 UTF-16 cut short", "id,label\n1,cat\n2,dog\n".encode("utf-16")[:-1], LabelsError),
    Case("L04 UTF-16 without BOM", "id,label\n1,cat\n2,dog\n".encode("utf-16-le"), LabelsError),
    Case("L04 Latin-1 unsaid", "id,label\n1,caf\xe9\n2,dog\n".encode("latin-1"), LabelsError),
    Case("L04 cut in a character", b"id,label\n1,cat\n2,caf\xc3", LabelsError),
    Case("L04 surrogate", b"id,label\n1,\xed\xa0\x80\n2,dog\n", LabelsError),
    Case("L04 overlong", b"id,label\n1,\xc0\xaf\n2,dog\n", LabelsError),
    Case("L04 said wrongly", b"id,label\n1,caf\xe9\n2,dog\n", LabelsError, {"encoding": "ascii"}),
    Case("L04 half a UTF-16", b"\xff\xfei\0d\0,", LabelsError, {"encoding": "utf-16"}),
    Case("L04 a PNG", b"\x89PNG\r\n\x1a\n" + bytes(60), LabelsError),
    Case("L04 a gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + bytes(range(200)), LabelsError),
    Case("L04 unknown encoding", "id,label\n", UsageError, {"encoding": "utf-9"}),
    Case("L04 no text encoding", "id,label\n", UsageError, {"encoding": "rot13"}),
    Case("L05 bars unsaid", "id|label\n1|cat\n2|dog\n", LabelsError),
    Case("L05 two at once", "id;label,x\n1;cat,\n", LabelsError),
    Case("L05 one column", "id\n1\n2\n", LabelsError),
    Case("L05 said wrongly", "id,label\n1,cat\n2,dog\n", LabelsError, {"delimiter": ";"}),
    Case("L05 two characters", "id,label\n", UsageError, {"delimiter": "::"}),
    Case("L05 a quote", "id,label\n", UsageError, {"delimiter": '"'}),
    Case("L08 NUL bytes only", bytes(5000), LabelsError),
    Case("L08 quote over many lines", 'id,label\n1,"' + "cat\n" * 50_000, LabelsError),
    Case("L20 line without end", b"id,label\n1," + b"x" * 8_000_000, LabelsError),
    Case("L20 a million fields", "id,label\n" + "1,cat," * 300_000, LabelsError),
)
ACCEPTED = (
    Case("plain", "id,label\n1,cat\n2,dog\n", TWO),
    Case("no last line end", "id,label\n1,cat\n2,dog", TWO),
    Case("blank lines", "\n\nid,label\n1,cat\n\n2,dog\n\n", TWO),
    Case("L06 other case", "Image_ID,CLASS\n1,cat\n2,dog\n", TWO),
    Case("unnamed first column", ",label,filename\n0,cat,1\n1,dog,2\n", TWO),
    Case("quoted notes", 'id,label,note\n1,cat,"a\n""b"""\n2,dog,\n', TWO),
    Case("L09 repeated row", "id,label\n1,cat\n2,dog\n1,cat\n", TWO),
    *(
        Case(f"L12 {text}", f"id,label\n1,{text}\n2,dog\n", {"1.ppm": text, "2.ppm": "dog"})
        for text in ("NA", "None", "null", "nan", "True", "1", "1.0", "001", "1e5", " x")
    ),
    Case("L13 extension", "id,label\n1.ppm,cat\n2.PPM,dog\n", TWO),
    Case(
        "L13 number",
        "id,label\n1,cat\n2,dog\n",
        {"001.ppm": "cat", "2.ppm": "dog"},
        files=("001.ppm", "2.ppm"),
    ),
    Case("L14 allowed", "id,label\n1,cat\n2,dog\n7,dog\n", TWO, {"allow_missing": True}),
    Case(
        "L14 ignored",
        "id,label\n1,cat\n2,dog\n",
        TWO,
        {"ignore_unlabelled": True},
        ("1.ppm", "2.ppm", "x.ppm"),
    ),
    *(
        Case(f"L16/L18 {text}", f"id,label\n1,{text}\n2,dog\n", {"1.ppm": text, "2.ppm": "dog"})
        for text in (".x", "-x", "=1+1", "+x", "@x", "<script>", "a/b", "..", "a\\b", "%2F", "\xe9")
    ),
)


def prove(*, short: bool) -> list[Row]:
    """Organize by every malformed and every odd CSV."""
    stride = SHORT_STRIDE if short else 1
    refused, accepted = Trials(), Trials()
    with crash_harness.scratch_folder() as scratch:
        for number, case in enumerate([*malformed()][::stride]):
            with refused.trial(case.name):
                _require_refusal(case, scratch / f"refused {number}")
        for number, case in enumerate([*odd()][::stride]):
            with accepted.trial(case.name):
                _require_rows(case, scratch / f"accepted {number}")
    return [
        refused.row(
            what="malformed CSVs",
            promise="a named error with the file, nothing written, in bounded time",
        ),
        accepted.row(what="odd but valid CSVs", promise="exactly the rows that it says"),
    ]


def malformed() -> Iterator[Case]:
    """Yield every fault in every dialect, and those that are a dialect of their own."""
    yield from SINGLES
    for dialect in DIALECTS:
        yield from map(dialect.write, FAULTS)


def odd() -> Iterator[Case]:
    """Yield what is unusual and right, in every dialect."""
    for dialect in DIALECTS:
        yield from map(dialect.write, ACCEPTED)


def _require_refusal(case: Case, home: Path) -> None:
    _write(case, home)
    before = listing(home)
    try:
        _organize(case, home)
    except (LabelsError, UnsafeError, UsageError, MachineError) as error:
        require(type(error) is case.expected, f"ended in {type(error).__name__}: {error}")
        named = isinstance(error, UsageError) or str(home / "labels.csv") in str(error)
        require(named, f"the message does not name the file: {error}")
    else:
        require(held=False, message="was accepted")
    require(listing(home) == before, "something was written")


def _require_rows(case: Case, home: Path) -> None:
    _write(case, home)
    found = {s.source: s.label for s in _organize(case, home).samples}
    require(found == case.expected, f"was read as {found}")


def _organize(case: Case, home: Path) -> Manifest:
    organizer = DatasetOrganizer(**case.options)
    return organizer.organize(home / "labels.csv", home / "images", home / "data").manifest


def _write(case: Case, home: Path) -> None:
    images = home / "images"
    images.mkdir(parents=True)
    for number, name in enumerate(case.files):
        (images / name).write_bytes(ppm(number))
    if callable(case.csv):
        case.csv(home / "labels.csv")
    else:
        data = case.csv if isinstance(case.csv, bytes) else case.csv.encode()
        (home / "labels.csv").write_bytes(data)
