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

from imgclass.data.inspection import Errand, Inspection, Way, file_stamp
from imgclass.data.options import Check
from imgclass.data.organize.comparing import is_whole
from imgclass.data.organize.work import Work

FLUSH_SECONDS = 2.0  # of work that a kill can cost; a shorter run writes no journal


class Journal:
    """Keeps inspections as they are made."""

    def __init__(self, work: Work, check: Check) -> None:
        self._work = work
        self._check = check
        self._pending: list[Any] = []
        self._flushed = time.monotonic()

    def add(self, source: str, found: Inspection) -> None:
        """Keep one inspection, unless its file has a fault: that is looked at again."""
        if found.stamp:
            self._pending.append((source, *found[:3], found.stamp))
            if time.monotonic() - self._flushed >= FLUSH_SECONDS:
                self.flush()

    def flush(self) -> None:
        """Write down what was kept since the last time."""
        if self._pending:
            line = json.dumps([self._check, self._pending]).encode() + b"\n"
            self._work.files.append(_path(self._work), line)
            self._pending = []
        self._flushed = time.monotonic()


@contextmanager
def kept_journal(work: Work, check: Check) -> Iterator[Journal]:
    """Keep a journal of looking so closely, complete also when the work ends early."""
    journal = Journal(work, check)
    try:
        yield journal
    finally:
        journal.flush()


def trusted(work: Work, way: Way, errands: Sequence[Errand]) -> dict[int, Inspection]:
    """Return, by position, the errands that an earlier run did and that need not be done again."""
    entries = _read(work, way.check)
    unchanged = {
        index: entries[errand.source]
        for index, errand in enumerate(errands)
        if errand.source in entries
        and _stamp(work, f"{way.images}/{errand.source}") == entries[errand.source].stamp
    }
    questions = [
        (f"{way.tree}/{errand.place}", way.transfer, f"{way.images}/{errand.source}", found.sha256)
        for errand, found in ((errands[index], found) for index, found in unchanged.items())
    ]
    answers = work.run(is_whole, questions)
    return {
        index: found
        for (index, found), whole in zip(unchanged.items(), answers, strict=True)
        if whole
    }


def _stamp(work: Work, path: str) -> tuple[int, ...]:
    status = work.files.status(path)
    return () if status is None else file_stamp(status)


def _read(work: Work, check: Check) -> dict[str, Inspection]:
    """Return what is known of each source that was looked at so closely."""
    if work.files.status(_path(work)) is None:
        return {}
    data, _ = work.files.read(_path(work))
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


def _path(work: Work) -> str:
    return f"{work.place.work}/journal"
