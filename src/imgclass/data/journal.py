"""What an interrupted run did already, so that the next one goes on and does not begin anew.

The journal lies in the folder in which a data set is built, a line of JSON for each few seconds of
work. It holds facts of single files, and none of them is believed unseen: the source must still be
the file that was read, in the same state, and its copy or link must be whole.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from imgclass.data.inspection import Errand, Inspection, file_stamp
from imgclass.data.work import Work

FLUSH_SECONDS = 2.0  # of work that a kill can cost; a shorter run writes no journal


class Journal:
    """Keeps inspections as they are made."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._pending: list[Any] = []
        self._flushed = time.monotonic()

    def add(self, errand: Errand, found: Inspection) -> None:
        """Keep one inspection, unless its file has a fault: that is looked at again."""
        if found.fault or found.refusal:
            return
        key = (errand.path, errand.check)
        self._pending.append((*key, found.sha256, found.width, found.height, found.stamp))
        if time.monotonic() - self._flushed >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write down what was kept since the last time."""
        if self._pending:
            line = json.dumps(self._pending).encode() + b"\n"
            self._work.files.append(_path(self._work), line)
            self._pending = []
        self._flushed = time.monotonic()


@contextmanager
def kept_journal(work: Work) -> Iterator[Journal]:
    """Keep a journal, complete also when the work ends early."""
    journal = Journal(work)
    try:
        yield journal
    finally:
        journal.flush()


def trusted(work: Work, errands: Sequence[Errand]) -> dict[int, Inspection]:
    """Return, by position, the errands that an earlier run did and that need not be done again."""
    entries = _read(work)
    candidates = {
        index: entries[errand.path, errand.check]
        for index, errand in enumerate(errands)
        if (errand.path, errand.check) in entries
    }
    unchanged = {
        index: found
        for index, found in candidates.items()
        if (status := work.files.status(errands[index].path)) is not None
        and file_stamp(status) == found.stamp
    }
    questions = [
        (errands[index].target, errands[index].transfer, errands[index].path, found.sha256)
        for index, found in unchanged.items()
    ]
    answers = work.run("is_whole", questions)
    return {
        index: found
        for (index, found), is_whole in zip(unchanged.items(), answers, strict=True)
        if is_whole
    }


def _read(work: Work) -> dict[tuple[str, str], Inspection]:
    if work.files.status(_path(work)) is None:
        return {}
    data, _ = work.files.read(_path(work))
    entries: dict[tuple[str, str], Inspection] = {}
    for line in data.splitlines():
        try:
            rows = json.loads(line)
        except ValueError:  # the run was killed while it wrote this line
            continue
        for path, check, sha256, width, height, stamp in rows:
            entries[path, check] = Inspection(sha256, width, height, stamp=tuple(stamp))
    return entries


def _path(work: Work) -> str:
    return f"{work.place.work}/journal"
