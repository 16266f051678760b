"""What an interrupted run has done already, so that the next one does not do it again.

The journal is a file in the stage, one line of JSON for every few seconds of work. It holds facts
of single files, and each is checked before it is used: the source must still be the same file in
the same state, and its copy or link must be whole.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from imgclass.data.inspection import Inspection, Inspector, file_stamp
from imgclass.data.options import Check
from imgclass.data.organize.verify import is_whole
from imgclass.data.organize.workspace import Workspace

FLUSH_SECONDS = 2.0  # of work that a kill can cost; a shorter run writes no journal


class Journal:
    """Writes down inspections as they are made."""

    def __init__(self, space: Workspace, check: Check) -> None:
        self._space = space
        self._check = check
        self._pending: list[Any] = []
        self._flushed = time.monotonic()

    def add(self, source: str, found: Inspection) -> None:
        """Add one inspection, unless its file has a fault: such files are read again."""
        if found.stamp:
            self._pending.append((source, *found[:3], found.stamp))
            if time.monotonic() - self._flushed >= FLUSH_SECONDS:
                self.flush()

    def flush(self) -> None:
        """Write what was added since the last time."""
        if self._pending:
            line = json.dumps([self._check, self._pending]).encode() + b"\n"
            self._space.files.append(_path(self._space), line)
            self._pending = []
        self._flushed = time.monotonic()


@contextmanager
def open_journal(space: Workspace, check: Check) -> Iterator[Journal]:
    """Keep a journal of inspections with `check`; it is complete even if the work ends early."""
    journal = Journal(space, check)
    try:
        yield journal
    finally:
        journal.flush()


def finished_images(
    space: Workspace, inspector: Inspector, pairs: Sequence[tuple[str, str]]
) -> dict[int, Inspection]:
    """Return what an earlier run has done, by position, and what it found.

    Args:
        space: The workspace.
        inspector: How files are inspected.
        pairs: Each image and its copy or link, as for `Inspector.inspect`.
    """
    entries = _read(space, inspector.check)
    unchanged = {
        index: entries[source]
        for index, (source, _) in enumerate(pairs)
        if source in entries
        and (status := space.files.status(f"{inspector.images}/{source}")) is not None
        and file_stamp(status) == entries[source].stamp
    }
    questions = [
        (f"{inspector.tree}/{target}", inspector.transfer, f"{inspector.images}/{source}", sha256)
        for (source, target), sha256 in (
            (pairs[index], found.sha256) for index, found in unchanged.items()
        )
    ]
    answers = space.run(is_whole, questions)
    known = zip(unchanged.items(), answers, strict=True)
    return {index: found for (index, found), whole in known if whole}


def _read(space: Workspace, check: Check) -> dict[str, Inspection]:
    """Return what the journal says of each source that was inspected with `check`."""
    if space.files.status(_path(space)) is None:
        return {}
    data, _ = space.files.read(_path(space))
    entries: dict[str, Inspection] = {}
    for line in data.splitlines():
        try:
            found_by, rows = json.loads(line)
        except ValueError:  # the run was killed while it wrote this line
            continue
        if found_by == check:
            for source, sha256, width, height, stamp in rows:
                entries[source] = Inspection(sha256, width, height, stamp=tuple(stamp))
    return entries


def _path(space: Workspace) -> str:
    return f"{space.stage}/journal"
