"""The split: the same whatever order the folder is listed in, on every platform."""

import hashlib
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks import crash_harness
from benchmarks.robustness.homes import organize, write_home
from benchmarks.robustness.trials import Row, Trials, require
from imgclass.data.organize.organizer import DatasetOrganizer

ORDERS = 200
SHORT_ORDERS = 25
ENVIRONMENTS = (
    {"PYTHONHASHSEED": "0", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8"},
    {"PYTHONHASHSEED": "4000000000", "LC_ALL": "tr_TR.UTF-8", "PYTHONUTF8": "0"},
    {"PYTHONHASHSEED": "random", "PYTHONOPTIMIZE": "2"},
)
_CODE = (
    "import sys; from imgclass import DatasetOrganizer; DatasetOrganizer().organize(*sys.argv[1:])"
)


def prove(*, short: bool) -> list[Row]:
    """Organize the same images in many listing orders and in several environments."""
    trials = Trials()
    hashes: Counter[str] = Counter()
    with crash_harness.scratch_folder() as scratch:
        expected = _manifest_hash(write_home(scratch / "first", 60), DatasetOrganizer())
        for number in range(SHORT_ORDERS if short else ORDERS):
            with trials.trial(f"order {number}"), listed_in_order(number):
                found = _manifest_hash(write_home(scratch / str(number), 60), DatasetOrganizer())
                hashes[found] += 1
                require(found == expected, f"the manifest is {found}, not {expected}")
        for environment in ENVIRONMENTS[: 1 if short else None]:
            with trials.trial(str(environment)):
                found = _in_environment(write_home(scratch / str(environment), 60), environment)
                hashes[found] += 1
                require(found == expected, f"the manifest is {found}, not {expected}")
    return [
        trials.row(
            what="listing orders, hash seeds and locales",
            promise="one manifest, byte for byte",
            note=f"{len(hashes)} distinct manifest hash",
        )
    ]


class _Listing:
    """What `os.scandir` gives, in another order."""

    def __init__(self, entries: list[Any]) -> None:
        self._entries = iter(entries)

    def __iter__(self) -> Iterator[Any]:
        return self._entries

    def __enter__(self) -> Iterator[Any]:
        return self._entries

    def __exit__(self, *_: object) -> None:
        return None


@contextmanager
def listed_in_order(number: int) -> Iterator[None]:
    """Have every folder listed in the order that `number` gives."""
    scandir, listdir, chance = os.scandir, os.listdir, random.Random(number)  # noqa: S311 - an order, no secret

    def shuffled(path: Any = ".") -> _Listing:
        with scandir(path) as found:
            entries = list(found)
        chance.shuffle(entries)
        return _Listing(entries)

    def shuffled_names(path: Any = ".") -> list[Any]:
        names = listdir(path)
        chance.shuffle(names)
        return names

    with mock.patch("os.scandir", shuffled), mock.patch("os.listdir", shuffled_names):
        yield


def _manifest_hash(home: Path, organizer: DatasetOrganizer) -> str:
    organize(home, organizer)
    return hashlib.sha256((home / "data" / "manifest.csv").read_bytes()).hexdigest()


def _in_environment(home: Path, environment: dict[str, str]) -> str:
    places = [str(home / name) for name in ("labels.csv", "images", "data")]
    command = [sys.executable, "-c", _CODE, *places]
    subprocess.run(command, env={**os.environ, **environment}, check=True)
    return hashlib.sha256((home / "data" / "manifest.csv").read_bytes()).hexdigest()
