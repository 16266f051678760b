"""The runs that somebody lists: as values, as directories, or as folders of runs."""

import os
from collections.abc import Iterable
from pathlib import Path

from imgclass.errors import RunError
from imgclass.io.untrusted_files import exists
from imgclass.run.ranked_run import LeftOutRun
from imgclass.run.record import FILE
from imgclass.run.run import Run
from imgclass.run.summaries import DAMAGED, RunSummary, runs

Listed = Run | RunSummary | str | os.PathLike[str]


def read_listed(listed: Listed | Iterable[Listed]) -> tuple[list[Run], list[LeftOutRun]]:
    """Return the scored runs that are listed, and the runs of folders that cannot be read.

    A folder stands for the scored runs in it that are not listed by themselves; so does a list of
    summaries. A run that is listed by itself and cannot be read, or was not scored, is a RunError.
    """
    items = [listed] if isinstance(listed, Run | RunSummary | str | os.PathLike) else list(listed)
    read = [_one(item) for item in items if not _is_of_many(item)]
    known = {run.path.resolve() for run in read}
    unreadable: list[LeftOutRun] = []
    for summary in (each for item in items if _is_of_many(item) for each in _many(item)):
        place = summary.path.resolve()
        if place in known:
            continue
        known.add(place)
        try:
            read += _if_scored(summary)
        except RunError as error:
            unreadable.append(LeftOutRun(summary.path, str(error)))
    return read, unreadable


def is_folder_of_runs(path: Path) -> bool:
    """Return whether a path is a directory and no run."""
    return path.is_dir() and not exists(path / FILE)


def _is_of_many(item: Listed) -> bool:
    if isinstance(item, Run | RunSummary):
        return isinstance(item, RunSummary)
    return is_folder_of_runs(Path(item))


def _one(item: Listed) -> Run:
    run = item if isinstance(item, Run) else Run.load(_path(item))
    _ = run.evaluation  # a RunError if it was not scored
    return run


def _many(item: Listed) -> Iterable[RunSummary]:
    if isinstance(item, RunSummary):
        return [item]
    path = _path(item)
    if not (found := runs(path)):
        raise RunError(
            f"Expected a run directory, as `imgclass train` makes it, or a folder of them; {path} "
            f"has no {FILE}, and no folder in it has one."
        )
    return found


def _path(item: Listed) -> Path:
    return item.path if isinstance(item, Run | RunSummary) else Path(item)


def _if_scored(summary: RunSummary) -> list[Run]:
    if summary.status == DAMAGED:
        raise RunError(summary.reason)
    return [Run.load(summary.path)] if summary.val_accuracy is not None else []
