"""The note beside a table that is being written: for what, and which images could not be read."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from imgclass.data.dataset.record import file_sha256
from imgclass.errors import RunError, UnsafeError
from imgclass.formatting import cut
from imgclass.io.strict_json import parse_json
from imgclass.io.untrusted_files import read_bytes
from imgclass.serialization import from_plain, to_plain
from imgclass.serving.bulk.table import Table
from imgclass.serving.classifier import Classifier

LARGEST = 2**30  # bytes of a note: a line for each of millions of images that cannot be read
LONGEST_LINE = 2**16
LONGEST_REASON = 1000  # characters


@dataclass(frozen=True, slots=True)
class Task:
    """What identifies a table of predictions: two calls with the same task write the same bytes.

    Attributes:
        model: SHA-256 of the model's file, and of how images are prepared for it.
        columns: SHA-256 of what stands in a row: the header, the threshold, the sample submission.
        images: SHA-256 of the paths of the images.
        path: The model's file, for messages.
    """

    model: str
    columns: str
    images: str
    path: str

    def require_same(self, begun: "Task", file: Path) -> None:
        """Refuse to go on with a file that was begun for another task."""
        differing = [
            what
            for what, here, there in (
                (f"another model ({cut(begun.path, 200)})", self.model, begun.model),
                ("other columns or options", self.columns, begun.columns),
                ("other images", self.images, begun.images),
            )
            if here != there
        ]
        if differing:
            raise UnsafeError(
                f"Expected {file} to be new, or an interrupted table of the same predictions; it "
                f"was begun for {' and '.join(differing)}. It is left as it is: give the command "
                f"that began it to go on, remove it, or name another file."
            )


def task_of(classifier: Classifier, table: Table, *, options: Mapping[str, Any]) -> Task:
    """Return what identifies a table of a classifier's predictions.

    Args:
        classifier: Its file is read once.
        table: The table; `options` says what in its rows the header does not.
        options: Plain values by name, such as the threshold.
    """
    model = sha256(file_sha256(classifier.path).encode())
    prepared = (classifier.class_names, classifier.image_size, classifier.resize, classifier.tta)
    model.update(json.dumps(to_plain(prepared)).encode())
    columns = json.dumps([list(table.header), to_plain(dict(options))]).encode()
    images = sha256()
    for image in table.images:
        images.update(os.fsencode(image) + b"\0")
    return Task(
        model=model.hexdigest(),
        columns=sha256(columns).hexdigest(),
        images=images.hexdigest(),
        path=str(classifier.path),
    )


@dataclass(frozen=True, slots=True)
class Unread:
    """An image that could not be read.

    Attributes:
        row: Its row in the table, from 0.
        reason: Why, in at most a thousand characters.
    """

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """What stands beside an unfinished table."""

    task: Task
    unread: Sequence[Unread] = field(default=())


def format_note(note: Note) -> bytes:
    """Return a note as lines of JSON: the task, and each image that could not be read."""
    return _line(note.task) + format_unread(note.unread)


def format_unread(unread: Iterable[Unread]) -> bytes:
    """Return images that could not be read as lines of JSON."""
    return b"".join(map(_line, unread))


def read_note(path: Path) -> Note:
    """Read a note; a half-written last line, as a kill leaves it, is ignored."""
    try:
        lines = read_bytes(path, limit=LARGEST).split(b"\n")[:-1]
        task, *unread = lines
        return Note(_read(Task, task), tuple(_read(Unread, line) for line in unread))
    except (OSError, ValueError) as error:
        raise RunError(
            f"Expected {path} to say what the table beside it was begun for: {error}. Remove both, "
            f"or name another file."
        ) from error


def _line(value: Any) -> bytes:
    return json.dumps(to_plain(value), ensure_ascii=True).encode() + b"\n"


def _read(kind: Any, line: bytes) -> Any:
    return from_plain(kind, parse_json(line.decode(), limit=LONGEST_LINE))
