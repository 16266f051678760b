"""Files and folders that may not be read or written, tried as a user who is not root."""

import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import crash_harness
from benchmarks.robustness.homes import listing, organize, write_home
from benchmarks.robustness.sources import TRANSFERS, Transfer
from benchmarks.robustness.trials import Row, Trials, require
from imgclass.data.organize.organizer import DatasetOrganizer
from imgclass.errors import MachineError

NOBODY = 65534  # who owns nothing, on every Unix
UNREADABLE, READ_ONLY, LISTED_ONLY, MENDED = 0o000, 0o555, 0o444, 0o755


@dataclass(frozen=True, slots=True)
class Hindrance:
    """A permission that is missing.

    Attributes:
        name: For people.
        path: Of what, in the home.
        mode: The permissions that are left.
        transfers: By which it hinders.
    """

    name: str
    path: str
    mode: int
    transfers: tuple[Transfer, ...] = TRANSFERS


HINDRANCES = (
    Hindrance("CSV unreadable", "labels.csv", UNREADABLE),
    Hindrance("folder of images unreadable", "images", UNREADABLE),
    Hindrance("subfolder unreadable", "images/more", UNREADABLE),
    Hindrance("subfolder listed only", "images/more", LISTED_ONLY),
    Hindrance("image unreadable", "images/7.ppm", UNREADABLE),
    Hindrance("target read-only", ".", READ_ONLY),
    Hindrance("folder of images read-only", "images", READ_ONLY, ("move",)),
    Hindrance("subfolder read-only", "images/more", READ_ONLY, ("move",)),
)


def prove(*, short: bool) -> list[Row]:
    """Organize under every hindrance, and again without it; the short form is the whole."""
    del short
    trials = Trials()
    with crash_harness.scratch_folder() as scratch:
        scratch.chmod(MENDED)
        # What Python loads late, it loads now: its own files may be root's alone.
        organize(write_home(scratch / "first"), DatasetOrganizer())
        expected = {transfer: _undisturbed(scratch, transfer) for transfer in TRANSFERS}
        for hindrance in HINDRANCES:
            for transfer in hindrance.transfers:
                with trials.trial(f"{hindrance.name}, {transfer}"):
                    home = _fresh(scratch)
                    _hinder(home, hindrance, transfer)
                    error = _as_ordinary_user(organize, home, DatasetOrganizer(transfer=transfer))
                    require(error is None, f"with permission: {error!r}")
                    require(listing(home) == expected[transfer], "the next run ended otherwise")
    user = f"user {NOBODY}, for root may do everything" if os.getuid() == 0 else "an ordinary user"
    return [
        trials.row(
            what="permissions missing on sources and targets",
            promise="`MachineError`, no byte lost; with permission, the same tree",
            note=f"tried as {user}",
        )
    ]


def _hinder(home: Path, hindrance: Hindrance, transfer: Transfer) -> None:
    images = sorted(crash_harness.contents(home))
    (home / hindrance.path).chmod(hindrance.mode)
    try:
        error = _as_ordinary_user(organize, home, DatasetOrganizer(transfer=transfer))
    finally:
        (home / hindrance.path).chmod(MENDED)
    require(isinstance(error, MachineError), f"ended in {error!r}")
    lost = set(images) - set(crash_harness.contents(home))
    require(not lost, "bytes were lost")


def _undisturbed(scratch: Path, transfer: Transfer) -> dict[str, str]:
    home = _fresh(scratch)
    error = _as_ordinary_user(organize, home, DatasetOrganizer(transfer=transfer))
    require(error is None, f"without a hindrance: {error!r}")
    return listing(home)


def _fresh(scratch: Path) -> Path:
    shutil.rmtree(scratch / "home", ignore_errors=True)
    home = write_home(scratch / "home")
    for path in (home, *home.rglob("*")):
        path.chmod(MENDED)
        if os.getuid() == 0:
            os.chown(path, NOBODY, NOBODY)
    return home


def _as_ordinary_user(function: Callable[..., Any], *arguments: Any) -> Exception | None:
    """Call `function` in a child process without root's rights; return what it raised."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        raised: Exception | None = None
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            function(*arguments)
        except Exception as error:  # noqa: BLE001  # the caller judges it
            raised = error
        os.write(writing, pickle.dumps(raised))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return pickle.loads(answer)  # type: ignore[no-any-return]  # noqa: S301  # our own child's
