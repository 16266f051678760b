"""Ctrl-C and SIGTERM at random moments of a real `imgclass organize`, and the run after it."""

import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import crash_harness
from benchmarks.robustness.homes import listing, organize, write_home
from benchmarks.robustness.trials import Row, Trials, require
from imgclass.data.options import Transfer
from imgclass.data.organize.organizer import DatasetOrganizer

INTERRUPTED = 6
STOPS = 15
SHORT_STOPS = 3
PATIENCE = 60.0
NAMES = {
    (signal.SIGINT,): "Ctrl-C",
    (signal.SIGTERM,): "SIGTERM",
    (signal.SIGINT, signal.SIGINT): "Ctrl-C twice",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """What is interrupted: how many images, and how they get there."""

    transfer: Transfer
    images: int

    @property
    def organizer(self) -> DatasetOrganizer:
        """The organizer whose command is interrupted."""
        return DatasetOrganizer(transfer=self.transfer)


SETTINGS = (
    Setting("copy", 900),
    Setting("move", 900),
    Setting("hardlink", 2_500),  # by worker processes
)


def prove(*, short: bool) -> list[Row]:
    """Stop the command at random moments, from the first thing that it writes on."""
    trials, endings = Trials(), Counter[object]()
    chance = np.random.default_rng(0)
    with crash_harness.scratch_folder() as scratch, _hearing_ctrl_c():
        for setting in SETTINGS[: 2 if short else None]:
            home = _fresh(scratch, setting)
            seconds = _run(home, setting, ())[1]
            expected = listing(home)
            for number in range(SHORT_STOPS if short else STOPS):
                signals = list(NAMES)[number % len(NAMES)]
                after = float(chance.uniform(0, seconds))
                name = f"{setting.transfer}, {NAMES[signals]} after {1000 * after:.0f} ms"
                with trials.trial(name, limit=PATIENCE):
                    home = _fresh(scratch, setting)
                    code = _run(home, setting, signals, after=after)[0]
                    # Python, at its own end, no longer answers signals: they end it as ever.
                    late = (home / "data").exists() and not (home / ".data.imgclass").exists()
                    endings["late" if late else code] += 1
                    # A second Ctrl-C ends the program at once, whatever it is about.
                    allowed = {INTERRUPTED} if len(signals) == 1 else {INTERRUPTED, -signal.SIGINT}
                    require(late or code in allowed, f"ended with code {code}")
                    organize(home, setting.organizer)
                    require(listing(home) == expected, "the next run ended otherwise")
    note = (
        f"{endings[INTERRUPTED]} ended with 6, "
        f"{endings[-signal.SIGINT]} at once by a second Ctrl-C, "
        f"{endings['late']} had organized everything before"
    )
    row = trials.row(
        what="Ctrl-C and SIGTERM at random moments",
        promise="exit code 6, a second Ctrl-C ends at once; the next run ends in the same tree",
        note=note,
    )
    return [row]


@contextmanager
def _hearing_ctrl_c() -> Iterator[None]:
    """Let children hear Ctrl-C, which programs in the background are born deaf to."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _fresh(scratch: Path, setting: Setting) -> Path:
    shutil.rmtree(scratch / "home", ignore_errors=True)
    return write_home(scratch / "home", setting.images)


def _run(
    home: Path, setting: Setting, signals: tuple[signal.Signals, ...], *, after: float = 0.0
) -> tuple[int, float]:
    """Return the exit code of the command, and the seconds from its first write to its last."""
    places = [str(home / name) for name in ("labels.csv", "images", "data")]
    command = [sys.executable, "-m", "imgclass", "organize", *places]
    options = ["--transfer", setting.transfer]
    with subprocess.Popen(
        [*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while not (home / ".data.imgclass").exists() and process.poll() is None:
            time.sleep(0.001)
        began = time.perf_counter()
        if signals:
            time.sleep(after)
        for number in signals:
            process.send_signal(number)
            time.sleep(0.001)
        while (home / ".data.imgclass").exists() and process.poll() is None:
            time.sleep(0.001)
        seconds = time.perf_counter() - began
        return process.wait(PATIENCE), seconds
