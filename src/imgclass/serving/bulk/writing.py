"""A table of predictions on disk: written as they come, continued after an interruption."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from pathlib import Path

from imgclass.errors import UnsafeError, UsageError
from imgclass.io.fs import FileSystem
from imgclass.io.lock import held_lock
from imgclass.io.os_errors import machine_errors
from imgclass.io.regular_file import file_kind, is_directory
from imgclass.io.untrusted_files import exists
from imgclass.serving.bulk.records import complete_records, first_field
from imgclass.serving.bulk.table import Table, format_rows
from imgclass.serving.bulk.unfinished import (
    LONGEST_REASON,
    Note,
    Task,
    Unread,
    format_note,
    format_unread,
    read_note,
)
from imgclass.serving.prediction import Prediction

NAMED = 20  # images that could not be read


@contextmanager
def open_table(
    table: Table, file: Path, task: Task, *, files: FileSystem | None = None
) -> Iterator["WrittenTable"]:
    """Begin a table's file, or find what an interrupted call with the same task has written.

    A note beside the file, `.<name>.unfinished`, says what it was begun for, until the table is
    complete. If nothing was written, file and note are removed.

    Args:
        table: What is written.
        file: Where; nothing may be there yet, except the unfinished table of the same task.
        task: What identifies the table.
        files: Makes all calls that write.

    Raises:
        UnsafeError: Another file is there, or a table that was begun for something else, or another
            process is writing it. Nothing is changed.
        UsageError: There is no folder for it.
        MachineError: It cannot be written.
    """
    if is_directory(file) or not is_directory(file.parent):
        what = "it is a folder" if is_directory(file) else f"there is no folder {file.parent}"
        raise UsageError(f"Expected the path of a CSV file; received {file}: {what}.")
    files = FileSystem() if files is None else files
    lock = file.with_name(f".{file.name}.lock")
    with ExitStack() as stack:
        with machine_errors(file):
            try:
                stack.enter_context(held_lock(str(lock), files))
            except UnsafeError as error:
                raise UnsafeError(
                    f"Expected {file} not to be in use; another process is writing it. Wait until "
                    f"it has ended, or name another file."
                ) from error
        stack.callback(_remove_lock, lock)
        written = WrittenTable(table, file, task, files)
        with machine_errors(file):
            written.begin()
        try:
            yield written
        except BaseException:
            if not written.rows:
                written.discard()
            raise
        written.finish()


class WrittenTable:
    """The file of a table, with the rows that are in it so far.

    Attributes:
        rows: Number of rows in the file, the header not counted.
        unread: Number of images among them that could not be read.
        named: The path and the reason of the first 20 of these.
    """

    def __init__(self, table: Table, file: Path, task: Task, files: FileSystem) -> None:
        self.rows = self.unread = 0
        self.named: list[tuple[str, str]] = []
        self._table, self._file, self._task, self._files = table, file, task, files
        self._note = file.with_name(f".{file.name}.unfinished")

    def begin(self) -> None:
        """Make the file with its header, or find the rows of an interrupted call."""
        note = self._note_of_file()
        if note is not None:
            self._task.require_same(note.task, self._file)
            rows = self._own_rows()
            if rows >= 0:
                self._cut(rows, note)
                return
        self._files.unlink(str(self._file))
        self._files.write_whole(str(self._note), format_note(Note(self._task)))
        self._files.append(str(self._file), format_rows([self._table.header]))

    def keep_whole_batches(self, size: int) -> None:
        """Remove the rows after the last whole batch, unless the table is complete.

        They are predicted again in the batch that they belong to: the last digits of a probability
        depend on the other images of its batch.
        """
        if self.rows % size and self.rows < len(self._table.images):
            with machine_errors(self._file):
                self._cut(self.rows - self.rows % size, read_note(self._note))

    def write(self, predictions: Iterable[Prediction], *, at_once: int) -> Iterator[int]:
        """Write the rows of predictions, and yield the number of rows in the file now and then.

        Args:
            predictions: Those of the images after the rows in the file, in order.
            at_once: How many rows are written together.
        """
        make, remaining = self._table.rows(self.rows), iter(predictions)
        while batch := list(islice(remaining, at_once)):
            unread = [
                Unread(row, str(prediction.error)[:LONGEST_REASON])
                for row, prediction in enumerate(batch, self.rows)
                if prediction.error
            ]
            with machine_errors(self._file):
                # First: a kill in between names an image twice, which does no harm.
                if unread:
                    self._files.append(str(self._note), format_unread(unread))
                self._files.append(str(self._file), format_rows(map(make, batch)))
            self._count(unread)
            self.rows += len(batch)
            yield self.rows

    def finish(self) -> None:
        """Make sure that the table is on the disk, and remove the note beside it."""
        with machine_errors(self._file):
            self._files.sync_file(str(self._file))
            self._files.unlink(str(self._note))

    def discard(self) -> None:
        """Remove the file and the note."""
        with machine_errors(self._file):
            self._files.unlink(str(self._file))
            self._files.unlink(str(self._note))

    def _note_of_file(self) -> Note | None:
        """Return the note of the file that is there; None if there is no file, or an empty one."""
        status = self._files.status(str(self._file))
        if status is not None and not stat.S_ISREG(status.st_mode):
            kind = file_kind(status.st_mode)
            raise UsageError(f"Expected the path of a CSV file; {self._file} is {kind}.")
        if status is not None and exists(self._note):
            return read_note(self._note)
        if status is not None and status.st_size:
            raise UnsafeError(
                f"Expected {self._file} to be new, or an interrupted table of predictions; it is "
                f"neither, and is left as it is. Remove it, or name another file."
            )
        return None

    def _own_rows(self) -> int:
        """Return the number of complete rows in the file; -1 if not even the header is complete."""
        records = complete_records(self._file)
        _, header = next(records, (0, None))
        if header is None:
            return -1
        rows, keys = 0, self._table.keys()
        is_own = header == format_rows([self._table.header])
        for _, record in records:
            is_own = is_own and first_field(record) == next(keys, None)
            rows += 1
        if not is_own:
            raise UnsafeError(
                f"Expected the rows of {self._file} to be those of the call that began it; they "
                f"were changed. It is left as it is: remove it, or name another file."
            )
        return rows

    def _cut(self, rows: int, note: Note) -> None:
        """Keep so many rows of the file, and what the note says of them."""
        ends = (end for end, _ in complete_records(self._file))
        self._files.call(os.truncate, self._file, next(islice(ends, rows, None)))
        by_row = {each.row: each for each in note.unread if each.row < rows}
        kept = tuple(by_row[row] for row in sorted(by_row))
        self._files.write_whole(str(self._note), format_note(Note(self._task, kept)))
        self.rows, self.unread, self.named = rows, 0, []
        self._count(kept)

    def _count(self, unread: Iterable[Unread]) -> None:
        for each in unread:
            self.unread += 1
            if len(self.named) < NAMED:
                self.named.append((self._table.images[each.row], each.reason))


def _remove_lock(lock: Path) -> None:
    with suppress(OSError):  # Windows keeps it while it is open
        lock.unlink()
