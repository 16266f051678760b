"""What organizing survives: killed, short of power or out of luck at each file-system call in turn.

    python benchmarks/crash_harness.py [--stride N] [--json]

Every scenario is first run undisturbed, which gives the tree and manifest that are expected and the
number of its file-system calls. Then it is run once for each of these calls and each kind of fault,
in a process of its own that ends there:

* kill: SIGKILL before the call; for a write, once more with half of its bytes written
* power: SIGKILL, and every file that had not been brought to the disk loses its bytes
* twice: SIGKILL, and the run that goes on is killed as well, at some other call
* errno: the call fails, once for each of eight errors

After each, every original must still be there, byte for byte; an error must have been a
`MachineError`; and one more, undisturbed run must end in the expected tree. The power model is a
model: it knows file contents, not the order in which a disk keeps directories. What runs as root
proves nothing about permissions, so EACCES and EPERM are injected like the others.
"""

import argparse
import errno
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from imgclass.data.organize import journal, workspace
from imgclass.data.organize.move import undo
from imgclass.data.organize.organizer import DatasetOrganizer
from imgclass.errors import MachineError
from imgclass.io.fs import FileSystem

ERRNOS = ("ENOSPC", "EDQUOT", "EIO", "EACCES", "EPERM", "EMFILE", "EXDEV", "EROFS", "EINTR")
KINDS = ("kill", "power", "twice", "errno")
IMAGES = 12
HALF = 8
BROKEN = 9  # the image that is none
SAME = {6: 0, 10: 2, 11: 5}  # images with the bytes of another one
Run = Callable[[Path, FileSystem], Any]


@dataclass(frozen=True)
class Scenario:
    """Something that organizing does.

    Attributes:
        name: For the table.
        prepare: Makes what is there before, in an empty folder.
        run: Does it in that folder, through the file system given.
    """

    name: str
    prepare: Callable[[Path], None]
    run: Run


@dataclass
class Tally:
    """How many faults were tried, and which were not survived."""

    tried: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, problem: str | None) -> None:
        """Count one trial."""
        self.tried += 1
        if problem is not None:
            self.failures.append(problem)

    @property
    def survived(self) -> int:
        """Trials without a problem."""
        return self.tried - len(self.failures)


def main() -> int:
    """Try every fault and print the table; return 1 where one was not survived."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stride", type=int, default=1, help="try every Nth call only")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    journal.FLUSH_SECONDS = 0.0  # so that going on is tried as well, in runs of milliseconds
    began = time.perf_counter()
    tallies = {}
    for scenario in scenarios():
        with scratch_folder() as scratch:
            tallies[scenario.name] = try_faults(scenario, scratch, arguments.stride)
    seconds = time.perf_counter() - began
    print(as_json(tallies, seconds) if arguments.json else as_table(tallies, seconds))
    return int(any(tally.failures for row in tallies.values() for tally in row.values()))


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a folder, in memory where that is possible, so that a trial takes milliseconds."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own in it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


def scenarios() -> Iterator[Scenario]:
    """Yield what is tried."""
    for transfer in ("copy", "hardlink", "symlink", "move"):
        organizer = DatasetOrganizer(val=2, test=2, transfer=transfer)
        yield Scenario(transfer, write_images, partial(run, organizer, "organize"))
        begin = partial(write_half_and_organize, organizer)
        yield Scenario(f"update, {transfer}", begin, partial(run, organizer, "update"))
    dropping = DatasetOrganizer(val=2, test=2, transfer="move", duplicates="drop")
    yield Scenario("drop, move", write_images, partial(run, dropping, "organize"))
    begin = partial(write_half_and_organize, dropping)
    yield Scenario("update, drop, move", begin, partial(run, dropping, "update"))
    yield Scenario("undo", write_and_move, run_undo)
    yield Scenario("archive", write_archive, run_archive)


@contextmanager
def through(files: FileSystem) -> Iterator[None]:
    """Let organizers write through a file system of the caller's."""
    before, workspace.FILES = workspace.FILES, files
    try:
        yield
    finally:
        workspace.FILES = before


def run(organizer: DatasetOrganizer, verb: str, home: Path, files: FileSystem) -> None:
    """Run an organizer on the images and labels of a home."""
    with through(files):
        getattr(organizer, verb)(home / "labels.csv", home / "images", home / "out" / "data")


def run_undo(home: Path, files: FileSystem) -> None:
    """Undo, unless it is undone: a data set that is gone cannot be undone once more."""
    parts = (home / "out" / "data", home / "out" / ".data.imgclass")
    if any(part.exists() for part in parts):
        with through(files):
            undo(parts[0])


def write_archive(home: Path) -> None:
    """Write a zip of class folders."""
    write_images(home)
    with zipfile.ZipFile(home / "images.zip", "w") as archive:
        for number in range(IMAGES):
            name = name_of(number)
            inside = zipfile.ZipInfo(f"{('ant', 'bee')[number % 2]}/{name}")  # without a time
            archive.writestr(inside, (home / "images" / name).read_bytes())


def run_archive(home: Path, files: FileSystem) -> None:
    """Organize the zip."""
    with through(files):
        organizer = DatasetOrganizer(val=2, test=2)
        organizer.organize(None, home / "images.zip", home / "out" / "data")


def write_half_and_organize(organizer: DatasetOrganizer, home: Path) -> None:
    """Organize some images, and write the others."""
    write_images(home, range(HALF))
    run(organizer, "organize", home, FileSystem())
    write_images(home, range(HALF, IMAGES))


def write_and_move(home: Path) -> None:
    """Write all images and move them into a data set."""
    write_images(home)
    run(DatasetOrganizer(val=2, test=2, transfer="move"), "organize", home, FileSystem())


def write_images(home: Path, numbers: range = range(IMAGES)) -> None:
    """Write some small images, one of them broken, and their labels."""
    images = home / "images"
    (images / "more").mkdir(parents=True, exist_ok=True)
    for number in numbers:
        shown = SAME.get(number, number)
        data = b"P6 2 2 255 " + bytes([shown] * 12) if number != BROKEN else b"no image"
        (images / name_of(number)).write_bytes(data)
    rows = [f"{name_of(n)},{('ant', 'bee')[n % 2]}\n" for n in range(max(numbers) + 1)]
    (home / "labels.csv").write_text("id,label\n" + "".join(rows), encoding="utf-8")


def name_of(number: int) -> str:
    """Return the name of an image; every third lies in a subfolder."""
    return f"more/{number}.ppm" if number % 3 == 0 else f"{number}.ppm"


def try_faults(scenario: Scenario, scratch: Path, stride: int) -> dict[str, Tally]:
    """Try every fault at every call of one scenario."""
    calls: list[str] = []

    def counting(function: Callable[..., Any], *arguments: Any) -> Any:
        calls.append(function.__name__)
        return function(*arguments)

    home = fresh(scenario, scratch)
    originals = Counter(contents(home))
    scenario.run(home, FileSystem(call=counting))
    expected = snapshot(home)
    tallies = {kind: Tally() for kind in KINDS}
    for kind, at, disturb in faults(scenario, calls, stride):
        home = fresh(scenario, scratch)
        problem = disturb(home)
        if problem is None and originals - Counter(contents(home)):
            problem = "bytes were lost"
        if problem is None:
            problem = outcome(scenario, home, expected)
        tallies[kind].add(problem and f"{scenario.name}, {kind} at {at}: {problem}")
    return tallies


def faults(
    scenario: Scenario, calls: Sequence[str], stride: int
) -> Iterator[tuple[str, str, Callable[[Path], str | None]]]:
    """Yield each fault: its kind, where it strikes, and what does it to a home."""
    for number in range(0, len(calls), stride):
        at = f"call {number} ({calls[number]})"
        yield "kill", at, partial(killed, scenario, number)
        if calls[number] == "write":
            yield "kill", f"{at}, torn", partial(killed, scenario, number, torn=True)
        yield "power", at, partial(killed, scenario, number, power=True)
        yield "twice", at, partial(killed_twice, scenario, number)
        for name in ERRNOS:
            yield "errno", f"{at}, {name}", partial(failed, scenario, number, name)


def fresh(scenario: Scenario, scratch: Path) -> Path:
    """Return a home as the scenario expects it."""
    home = scratch / "home"
    if home.exists():
        shutil.rmtree(home)
    home.mkdir()
    scenario.prepare(home)
    return home


def outcome(scenario: Scenario, home: Path, expected: dict[str, str]) -> str | None:
    """Run undisturbed; return what is not as expected."""
    try:
        scenario.run(home, FileSystem())
    except Exception as error:  # noqa: BLE001  # that there is one is the finding
        return f"the next run ended in {type(error).__name__}: {error}"
    found = snapshot(home)
    if found != expected:
        names = sorted(name for name in found | expected if found.get(name) != expected.get(name))
        return f"the next run ended otherwise: {names[:5]}"
    return None


def killed(
    scenario: Scenario, number: int, home: Path, *, torn: bool = False, power: bool = False
) -> str | None:
    """Run in a child that is killed at one call."""
    child = os.fork()
    if child == 0:
        call = Killer(number, torn=torn, power=power)
        try:
            scenario.run(home, FileSystem(call=call))
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return None if os.WIFSIGNALED(status) else "the run ended before it was killed"


def killed_twice(scenario: Scenario, number: int, home: Path) -> str | None:
    """Kill a run, and the one that goes on, which may end before."""
    problem = killed(scenario, number, home)
    killed(scenario, number * 7 % 61, home)
    return problem


def failed(scenario: Scenario, number: int, name: str, home: Path) -> str | None:
    """Let one call fail; a `MachineError` is what should come of it."""
    code = getattr(errno, name)
    remaining = [number]

    def failing(function: Callable[..., Any], *arguments: Any) -> Any:
        remaining[0] -= 1
        if remaining[0] == -1:
            raise OSError(code, os.strerror(code))
        return function(*arguments)

    try:
        scenario.run(home, FileSystem(call=failing))
    except MachineError:
        return None
    except BaseException as error:  # noqa: BLE001  # that it is another one is the finding
        return f"{type(error).__name__}: {error}"
    return "the run went on as if nothing had been"


class Killer:
    """Makes calls, and at one of them ends the process as a kill or a power cut would."""

    def __init__(self, number: int, *, torn: bool, power: bool) -> None:
        self.remaining = number
        self.torn = torn
        self.power = power
        self.names: dict[int, str] = {}
        self.unsynced: set[str] = set()

    def __call__(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Make one call, or end."""
        if self.remaining == 0:
            if self.torn:
                descriptor, data = arguments
                os.write(descriptor, data[: len(data) // 2])
            if self.power:
                for path in self.unsynced:
                    os.truncate(path, 0)
            os.kill(os.getpid(), signal.SIGKILL)
        self.remaining -= 1
        result = function(*arguments)
        self.note(function.__name__, arguments, result)
        return result

    def note(self, name: str, arguments: tuple[Any, ...], result: Any) -> None:
        """Keep in mind which files the disk does not have yet."""
        if name == "open" and arguments[1] & (os.O_WRONLY | os.O_RDWR):
            self.names[result] = arguments[0]
            self.unsynced.add(arguments[0])
        elif name == "open":
            self.names.pop(result, None)
        elif name == "fsync":
            self.unsynced.discard(self.names.get(arguments[0], ""))
        elif name == "sync_file_system":
            self.unsynced.clear()
        elif name in {"rename", "replace"}:
            before, after = arguments
            self.unsynced = {
                after + path.removeprefix(before) if path.startswith(before) else path
                for path in self.unsynced
            }
        elif name == "unlink":
            self.unsynced.discard(arguments[0])


def contents(home: Path) -> list[str]:
    """Return the hash of every image below a folder; a link has no bytes of its own."""
    return [
        sha256(path.read_bytes()).hexdigest()
        for path in home.rglob("*.ppm")
        if not path.is_symlink()
    ]


def snapshot(home: Path) -> dict[str, str]:
    """Return what every path below a folder is."""
    found = {}
    for path in home.rglob("*"):
        if path.is_symlink():
            kind = f"link to {path.readlink()}"
        elif path.is_dir():
            kind = "directory"
        else:
            kind = f"{path.stat().st_nlink} names of {sha256(path.read_bytes()).hexdigest()}"
        found[path.relative_to(home).as_posix()] = kind
    return found


def as_json(tallies: dict[str, dict[str, Tally]], seconds: float) -> str:
    """Return the figures as JSON."""
    plain = {
        scenario: {
            kind: {"tried": tally.tried, "survived": tally.survived, "failures": tally.failures}
            for kind, tally in row.items()
        }
        for scenario, row in tallies.items()
    }
    return json.dumps({"seconds": round(seconds, 1), "scenarios": plain}, indent=2)


def as_table(tallies: dict[str, dict[str, Tally]], seconds: float) -> str:
    """Return the figures as a table in Markdown, survived of tried."""
    kinds = list(next(iter(tallies.values())))
    lines = [f"| survived / tried | {' | '.join(kinds)} |", "|---" * (len(kinds) + 1) + "|"]
    total = {kind: Tally() for kind in kinds}
    for scenario, row in tallies.items():
        cells = []
        for kind, tally in row.items():
            total[kind].tried += tally.tried
            total[kind].failures += tally.failures
            cells.append(f"{tally.survived:,} / {tally.tried:,}")
        lines.append(f"| {scenario} | {' | '.join(cells)} |")
    cells = [f"{tally.survived:,} / {tally.tried:,}" for tally in total.values()]
    lines.append(f"| all | {' | '.join(cells)} |")
    failures = [failure for tally in total.values() for failure in tally.failures]
    lines += ["", f"{seconds:.0f} s, Python {sys.version.split()[0]}, {sys.platform}"]
    return "\n".join([*lines, *failures[:20]])


if __name__ == "__main__":
    sys.exit(main())
