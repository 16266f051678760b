"""Checkpoints whose files are damaged in every way: none is used, and the one before it is."""

import os
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.robustness.synthetic_checkpoints import number_of, write_numbered
from benchmarks.robustness.trials import Row, Trials, require
from imgclass.errors import CheckpointError
from imgclass.training.checkpoints.files import SUMS
from imgclass.training.checkpoints.folder import CheckpointFolder

FLIPS, SHORT_FLIPS = 500, 60
TRUNCATIONS, SHORT_TRUNCATIONS = 200, 20
NUMBERS = 500  # float32 numbers in a checkpoint: flips hit every part of its files
OLDER, NEWER = 4, 5

Damage = Callable[[Path], None]


def prove(scratch: Path, *, short: bool) -> list[Row]:
    """Try flipped bits, truncations, and files that are gone or are something else."""
    folder = CheckpointFolder(scratch / "damaged")
    older = write_numbered(folder, OLDER, numbers=NUMBERS)
    newer = write_numbered(folder, NEWER, numbers=NUMBERS)
    files = sorted(path.name for path in newer.iterdir())
    chance = random.Random(0)  # noqa: S311  # the same trials each time
    flips = list(_flips(newer, files, SHORT_FLIPS if short else FLIPS, chance))
    cuts = list(_cuts(newer, files, SHORT_TRUNCATIONS if short else TRUNCATIONS, chance))
    others = list(_others(files))
    promise = "it is refused and named, and the whole one before it is taken"
    rows = [
        _try(folder, older, newer, flips).row(
            what="a bit of a checkpoint flipped", promise=promise
        ),
        _try(folder, older, newer, cuts).row(
            what="a file of a checkpoint cut off", promise=promise
        ),
        _try(folder, older, newer, others).row(
            what="a file of a checkpoint gone, empty, a link, a FIFO, a directory, or one too many",
            promise=promise,
        ),
    ]
    both = Trials()
    for name, damage in [*flips[::10], *cuts[::10], *others]:
        with both.trial(name):
            _require_none(folder, (older, newer), damage)
    shutil.rmtree(folder.path)
    what, promise = "the same in both checkpoints", "`CheckpointError` that names both"
    return [*rows, both.row(what=what, promise=promise)]


def _try(
    folder: CheckpointFolder, older: Path, newer: Path, damages: Sequence[tuple[str, Damage]]
) -> Trials:
    trials = Trials()
    for name, damage in damages:
        with trials.trial(name), _Kept(newer):
            damage(newer)
            found = folder.newest()
            require(found.path == older, f"taken: {found.path.name}")
            require(number_of(found) == OLDER, "its arrays are others")
            [said] = found.damaged
            require(str(newer) in said, f"the damaged one is not named: {said}")
    return trials


def _require_none(folder: CheckpointFolder, both: tuple[Path, Path], damage: Damage) -> None:
    with _Kept(both[0]), _Kept(both[1]):
        for path in both:
            damage(path)
        try:
            folder.newest()
        except CheckpointError as error:
            require(all(str(path) in str(error) for path in both), f"without both names: {error}")
        else:
            require(False, "one was taken")


class _Kept:
    """A directory that is put back as it was."""

    def __init__(self, path: Path) -> None:
        self.path, self.copy = path, path.with_name(f"kept {path.name}")

    def __enter__(self) -> None:
        shutil.copytree(self.path, self.copy)

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path)
        self.copy.rename(self.path)


def _flips(
    whole: Path, files: Sequence[str], number: int, chance: random.Random
) -> Iterator[tuple[str, Damage]]:
    for _ in range(number):
        name = chance.choice(files)
        place, bit = chance.randrange((whole / name).stat().st_size), chance.randrange(8)

        def flip(path: Path, *, name: str = name, place: int = place, bit: int = bit) -> None:
            data = bytearray((path / name).read_bytes())
            data[place % len(data)] ^= 1 << bit
            (path / name).write_bytes(data)

        yield f"{name}, byte {place}, bit {bit}", flip


def _cuts(
    whole: Path, files: Sequence[str], number: int, chance: random.Random
) -> Iterator[tuple[str, Damage]]:
    for _ in range(number):
        name = chance.choice(files)
        length = chance.randrange((whole / name).stat().st_size)

        def cut(path: Path, *, name: str = name, length: int = length) -> None:
            os.truncate(path / name, length)

        yield f"{name}, {length} bytes", cut


def _others(files: Sequence[str]) -> Iterator[tuple[str, Damage]]:
    """Yield what can take the place of each file, and what can come beside it."""
    for name in files:

        def put(path: Path, make: Callable[[Path, Path], None], *, name: str = name) -> None:
            aside = path.with_name(f"aside {path.name} {name}")
            (path / name).rename(aside)
            try:
                make(path / name, aside)
            finally:
                aside.unlink(missing_ok=True)

        for what, make in _PLACES.items():

            def damage(
                path: Path,
                *,
                put: Callable[..., None] = put,
                make: Callable[[Path, Path], None] = make,
            ) -> None:
                put(path, make)

            yield f"{name} {what}", damage
    yield "a file too many", lambda path: (path / "more").touch()
    yield "a hidden file too many", lambda path: (path / ".more").touch()
    yield "a directory too many", lambda path: (path / "more").mkdir()
    yield "sums of other files, too", _add_sum
    yield "nothing in it", _empty


def _add_sum(path: Path) -> None:
    with (path / SUMS).open("ab") as file:
        file.write(b"0" * 64 + b"  other\n")


def _empty(path: Path) -> None:
    for file in path.iterdir():
        file.unlink()


def _link(place: Path, aside: Path) -> None:
    target = place.parent.with_name(f"target {place.parent.name} {place.name}")
    shutil.copy(aside, target)
    place.symlink_to(target)


def _longer(place: Path, aside: Path) -> None:
    place.write_bytes(aside.read_bytes() + b"\n")


_PLACES: dict[str, Callable[[Path, Path], None]] = {
    "gone": lambda _place, _aside: None,
    "empty": lambda place, _aside: place.touch(),
    "a link to its own bytes": _link,
    "a link to nothing": lambda place, _aside: place.symlink_to("nothing"),
    "a link to /dev/zero": lambda place, _aside: place.symlink_to("/dev/zero"),
    "a FIFO": lambda place, _aside: os.mkfifo(place),
    "a directory": lambda place, _aside: place.mkdir(),
    "with a byte more": _longer,
}
