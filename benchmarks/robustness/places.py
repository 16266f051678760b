"""Outputs that overlap with the images: each refused before a write."""

import os
from collections.abc import Callable
from pathlib import Path

from benchmarks import crash_harness
from benchmarks.robustness.homes import CallLog, listing, write_home
from benchmarks.robustness.trials import Row, Trials, require
from imgclass.data.organize.organizer import DatasetOrganizer
from imgclass.errors import UnsafeError

Arrangement = Callable[[Path], tuple[Path, Path]]


def _linked(home: Path, target: Path) -> Path:
    link = home / "link"
    link.symlink_to(target)
    return link


def _in_itself(home: Path) -> tuple[Path, Path]:
    """Return images that are moved into what is to be the output, two folders down."""
    inner = home / "out" / "a" / "images"
    inner.parent.mkdir(parents=True)
    (home / "images").rename(inner)
    return inner, home / "out"


def _relative(home: Path) -> tuple[Path, Path]:
    return home / "images", Path(os.path.relpath(home / "images" / "out"))


ARRANGEMENTS: dict[str, Arrangement] = {
    "the same folder": lambda home: (home / "images", home / "images"),
    "output in the images": lambda home: (home / "images", home / "images" / "out"),
    "output far down in the images": lambda home: (home / "images", home / "images/more/a/b/out"),
    "images in the output": lambda home: (home / "images", home),
    "images far down in the output": _in_itself,
    "output by a relative path": _relative,
    "output by a way round": lambda home: (home / "images", home / "images/more/../../images/out"),
    "output is a link to the images": lambda home: (
        home / "images",
        _linked(home, home / "images"),
    ),
    "output behind a link": lambda home: (home / "images", _linked(home, home / "images") / "out"),
    "output is a link to what will be in the images": lambda home: (
        home / "images",
        _linked(home, home / "images" / "new"),
    ),
    "images behind a link": lambda home: (_linked(home, home / "images"), home / "images" / "out"),
    "images behind a link, in the output": lambda home: (_linked(home, home / "images"), home),
}


def prove(*, short: bool) -> list[Row]:
    """Organize in every arrangement; the short form is the whole."""
    del short
    trials = Trials()
    with crash_harness.scratch_folder() as scratch:
        for number, (name, arrange) in enumerate(ARRANGEMENTS.items()):
            with trials.trial(name):
                _require_refusal(scratch / str(number), arrange)
    promise = "refused as unsafe before any write"
    return [trials.row(what="output inside the images, and likewise", promise=promise)]


def _require_refusal(home: Path, arrange: Arrangement) -> None:
    images, root = arrange(write_home(home))
    before, log = listing(home), CallLog()
    organizer = DatasetOrganizer(transfer="move")
    try:
        with crash_harness.through(log.files):
            organizer.organize(home / "labels.csv", images, root)
    except UnsafeError:
        require(listing(home) == before, "something was written")
        require(not log.changes(), f"it began to write: {log.changes()[:1]}")
    else:
        require(held=False, message="was organized")
