"""What an interrupted run has done already, so that the next one does not do it again.

The journal is a file in the stage, one line of JSON for every few seconds of work. Each fact is
checked before it is used.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from imgclass.data.inspection import Inspection, Inspector, file_stamp
from imgclass.data.options import Check
from imgclass.data.organize.verify import is_whole
from imgclass.data.organize.workspace import Workspace

FLUSH_SECONDS = 2.0  # of work that a kill can cost; a shorter run writes no journal
_STORED = ("depth", "has_pages")  # fields that end an entry


@contextmanager
def open_journal(space: Workspace, check: Check) -> Iterator[Callable[[str, Inspection], None]]:
    """Yield what writes down an inspection; all is written even if the work ends early.

    A file with a fault is left out, so that it is read again.
    """
    pending: list[Any] = []
    flushed = time.monotonic()

    def flush() -> None:
        nonlocal flushed
        if pending:
            space.files.append(_path(space), json.dumps([check, pending]).encode() + b"\n")
            pending.clear()
        flushed = time.monotonic()

    def add(source: str, found: Inspection) -> None:
        if found.stamp:
            stored = found.depth, found.has_pages
            pending.append((source, *found[:3], found.stamp, *stored))
            if time.monotonic() - flushed >= FLUSH_SECONDS:
                flush()

    try:
        yield add
    finally:
        flush()


def finished_images(
    space: Workspace, inspector: Inspector, pairs: Sequence[tuple[str, str]]
) -> dict[int, Inspection]:
    """Return what an earlier run found of the images that it transferred, by position."""
    entries = _read(space, inspector.check)
    unchanged = {
        index: entries[source]
        for index, (source, _) in enumerate(pairs)
        if source in entries
        and (status := space.files.status(f"{inspector.images}/{source}")) is not None
        and file_stamp(status) == entries[source].stamp
    }
    questions = []
    for index, found in unchanged.items():
        source, target = pairs[index]
        paths = f"{inspector.tree}/{target}", f"{inspector.images}/{source}"
        questions.append((*paths, inspector.transfer, found.sha256))
    answers = zip(unchanged.items(), space.run(is_whole, questions), strict=True)
    return {index: found for (index, found), whole in answers if whole}


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
            for source, sha256, width, height, stamp, *stored in rows:  # by older versions, none
                found = Inspection(sha256, width, height, stamp=tuple(stamp))
                entries[source] = found._replace(**dict(zip(_STORED, stored, strict=False)))
    return entries


def _path(space: Workspace) -> str:
    return f"{space.stage}/journal"
