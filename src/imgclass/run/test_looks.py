"""`test_looks.jsonl`: how often the test scores of a run were compared with those of others."""

import json
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from imgclass.formatting import count
from imgclass.io.strict_json import parse_json
from imgclass.run import directory
from imgclass.serialization import from_plain

FILE = "test_looks.jsonl"
LARGEST = 2**18  # bytes, about 2,500 looks
MOST_LINES = 2500  # that are read, the last ones; a stranger's file may have many short ones
LONGEST_LINE = 1000  # characters; a line of ours has about 100
MANY = 2  # looks from which the user is warned

HARM = (
    "Whatever is chosen by test scores was partly lucky on these very images, so its test accuracy "
    "is too high: by more, the more often one looks. Choose by val, and look at the test score of "
    "the run that was chosen, once."
)


@dataclass(frozen=True, slots=True)
class Look:
    """One look, as a line of the file; a look at several runs stands in each of them.

    Attributes:
        id: The same in all runs that were shown together.
        when: In UTC, as ISO 8601.
        runs: How many runs were shown together.
    """

    id: str
    when: str
    runs: int


@dataclass(frozen=True, slots=True)
class Looks:
    """How often the test scores of some runs were looked at.

    Attributes:
        count: Number of looks at any of them, the present one included.
        unrecorded: Each run whose directory could not take the note, and why.

    Example:
        >>> print(Looks(count=3).warning[:57])
        The test scores of these runs were looked at 3 times now.
        >>> Looks(count=1).warning
        ''
    """

    count: int
    unrecorded: tuple[tuple[Path, str], ...] = ()

    @property
    def warning(self) -> str:
        """Why choosing by these scores is no good; empty at the first look."""
        if self.count < MANY:
            return ""
        times = count(self.count, "time")
        return f"The test scores of these runs were looked at {times} now. {HARM}"


def record_look(paths: Sequence[Path]) -> Looks:
    """Add a line to the file of each run, and return how often any of them was looked at.

    A directory that cannot be written to is no error: the result names it.
    """
    look = Look(uuid.uuid4().hex, directory.now(), len(paths))
    known, unrecorded = {look.id}, []
    for path in dict.fromkeys(paths):
        try:
            content = _content(path / FILE)
            known.update(earlier.id for earlier in _looks(content))
            _add(path / FILE, look, content)
        except OSError as error:
            unrecorded.append((path, error.strerror or str(error)))
    return Looks(len(known), tuple(unrecorded))


def read_looks(path: Path) -> tuple[Look, ...]:
    """Return the looks at the run in a directory, oldest first; damaged lines are passed over."""
    return _looks(_content(path / FILE))


def _content(path: Path) -> bytes:
    """Return the file's bytes; a link, and what is no small regular file, is an OSError."""
    try:
        return directory.FILES.read(str(path), limit=LARGEST)[0]
    except FileNotFoundError:
        return b""


def _looks(content: bytes) -> tuple[Look, ...]:
    lines = [line for line in content.decode(errors="replace").split("\n") if line]
    return tuple(filter(None, map(_look, lines[-MOST_LINES:])))


def _look(line: str) -> Look | None:
    try:
        return from_plain(Look, parse_json(line, limit=LONGEST_LINE))
    except ValueError:  # the process that wrote it was killed in the middle
        return None


def _add(path: Path, look: Look, content: bytes) -> None:
    """Append a line in one call, so that lines of several processes do not mix."""
    line = f"{json.dumps(asdict(look))}\n".encode()
    if not content:
        # Without the line: one that another process appends meanwhile would be written over.
        with suppress(FileExistsError):
            directory.FILES.write_new(str(path), b"")  # never through a link
    elif not content.endswith(b"\n"):
        line = b"\n" + line
    directory.FILES.append(str(path), line)
