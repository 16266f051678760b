"""The images themselves: never changed by copies and links, never overwritten, moved with care."""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from benchmarks import crash_harness
from benchmarks.robustness.homes import CallLog, listing, organize, ppm, stamps, write_home
from benchmarks.robustness.trials import Row, Trials, require
from imgclass.data.organize.organizer import DatasetOrganizer
from imgclass.errors import ImgclassError
from imgclass.io.fs import FileSystem

Transfer = Literal["copy", "hardlink", "symlink", "move"]
TRANSFERS: tuple[Transfer, ...] = ("copy", "hardlink", "symlink", "move")
SHORT_STRIDE = 9


def prove(*, short: bool) -> list[Row]:
    """Watch the sources while data sets are made of them."""
    stride = SHORT_STRIDE if short else 1
    with crash_harness.scratch_folder() as scratch:
        return [
            _untouched(scratch / "untouched"),
            _repeated(scratch / "repeated"),
            _collisions(scratch / "collisions", stride),
            _corrupted(scratch / "corrupted", stride),
        ]


def _untouched(scratch: Path) -> Row:
    trials = Trials()
    for transfer in TRANSFERS[:3]:
        home = write_home(scratch / transfer)
        before, log = stamps(home / "images"), CallLog()
        organizer = DatasetOrganizer(transfer=transfer)
        with crash_harness.through(log.files):
            organizer.plan(home / "labels.csv", home / "images")
            organize(home, organizer)
            organize(home, organizer)
        after = stamps(home / "images")
        changed = [path for _, path in log.changes() if path.startswith(str(home / "images"))]
        for path in before | after:
            with trials.trial(f"{transfer}, {path}"):
                require(before.get(path) == after.get(path), "it is not as it was")
                require(str(home / "images" / path) not in changed, "a call would change it")
    return trials.row(
        what="sources under copy, hardlink, symlink",
        promise="inode, mode, time, size and hash as before; no call that changes one",
    )


def _repeated(scratch: Path) -> Row:
    trials = Trials()
    for transfer in TRANSFERS:
        home = write_home(scratch / transfer)
        organize(home, DatasetOrganizer(transfer=transfer))
        before, log = listing(home), CallLog()
        with trials.trial(transfer):
            with crash_harness.through(log.files):
                organize(home, DatasetOrganizer(transfer=transfer))
            require(listing(home) == before, "the tree changed")
            require(not log.changes(), f"a call would change something: {log.changes()[:1]}")
    promise = "nothing changes, and no call would change anything"
    return trials.row(what="the same run again", promise=promise)


def _collisions(scratch: Path, stride: int) -> Row:
    """Let a stranger take each name in the moment before organizing does."""
    trials = Trials()
    for transfer in TRANSFERS:
        organizer = DatasetOrganizer(transfer=transfer, val=2, test=2)
        log = CallLog()
        with crash_harness.through(log.files):
            organize(write_home(scratch / transfer, 8), organizer)
        names = [(number, name) for number, (name, _) in enumerate(log.calls)]
        for number, name in [item for item in names if item[1] in _TARGET][::stride]:
            with trials.trial(f"{transfer}, call {number} ({name})"):
                _collide(scratch / f"{transfer} {number}", organizer, number)
    return trials.row(
        what="a name taken by another program just before",
        promise="what is there stays as it is, and no source is lost",
    )


_TARGET: dict[str, Callable[[tuple[Any, ...]], str]] = {
    "open": lambda arguments: arguments[0],
    "link": lambda arguments: arguments[1],
    "symlink": lambda arguments: arguments[1],
    "rename": lambda arguments: arguments[1],
    "mkdir": lambda arguments: arguments[0],
}
_STRANGER = b"somebody else's"


def _collide(home: Path, organizer: DatasetOrganizer, number: int) -> None:
    write_home(home, 8)
    remaining, taken = [number], list[str]()

    def call(function: Callable[..., Any], *arguments: Any) -> Any:
        remaining[0] -= 1
        if remaining[0] == -1:
            target = _TARGET[function.__name__](arguments)
            if not os.path.lexists(target):
                Path(target).write_bytes(_STRANGER)
                taken.append(target)
        return function(*arguments)

    with suppress(ImgclassError), crash_harness.through(FileSystem(call=call)):
        organize(home, organizer)  # it may refuse; only what is there afterwards counts
    inside = str(home / ".data.imgclass")  # organizing's own folder, in which it may clear up
    for path in taken:
        if not path.startswith(inside):
            require(Path(path).read_bytes() == _STRANGER, f"{path} was overwritten")
    _require_images(home)


def _corrupted(scratch: Path, stride: int) -> Row:
    """Spoil each copy on its way to the disk; its original must not be removed."""
    trials = Trials()
    organizer = DatasetOrganizer(transfer="move", val=2, test=2)
    for number in range(0, 8, max(1, stride // 3)):
        for spoil in (_flip, _overwrite_end):
            with trials.trial(f"image {number}, {spoil.__name__}"):
                _move_spoiled(scratch / f"{number} {spoil.__name__}", organizer, number, spoil)
    return trials.row(
        what="copies spoilt during a move",
        promise="a named error, and the original stays",
    )


def _flip(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def _overwrite_end(data: bytes) -> bytes:
    return data[:-1] + b"!"


def _move_spoiled(
    home: Path, organizer: DatasetOrganizer, number: int, spoil: Callable[[bytes], bytes]
) -> None:
    write_home(home, 8)

    def call(function: Callable[..., Any], *arguments: Any) -> Any:
        if function is os.write and bytes(arguments[1]) == ppm(number):
            return os.write(arguments[0], spoil(ppm(number)))
        return function(*arguments)

    try:
        with crash_harness.through(FileSystem(call=call)):
            organize(home, organizer)
    except ImgclassError:
        _require_images(home)
    else:
        require(held=False, message="ended as if nothing had been")


def _require_images(home: Path) -> None:
    """Require that every image of the home is there somewhere, whole."""
    found = {
        hashlib.sha256(path.read_bytes()).digest()
        for path in home.rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    for number in range(8):
        require(hashlib.sha256(ppm(number)).digest() in found, f"image {number} is lost")
