"""A command run as a process, and what it took: time, memory, and the seconds of its run's stages.

It is watched from outside, ten times a second, so the command itself does nothing for it.
"""

import json
import os
import subprocess
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile

INTERVAL = 0.1  # seconds
KIB_PER_MB = 1e6 / 1024
START = "start"  # before the run directory says otherwise: imports, and opening the data set
# What follows after the stage of `run.json` is `done`: the report, and the end of the process.
NAMES = {"done": "report"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command took.

    Attributes:
        seconds: Wall time of the whole process.
        peak_mb: The most memory (RSS) of it and all its children together, in MB of 10^6 bytes;
            pages that they share count twice.
        stages: Seconds of each stage, in order.
        output: What it printed on standard output.
    """

    seconds: float
    peak_mb: float
    stages: Mapping[str, float] = field(default_factory=dict)
    output: str = ""


def run_command(
    words: Sequence[str | os.PathLike[str]],
    *,
    run_dir: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Outcome:
    """Run a command to its end.

    Args:
        words: The program and its arguments.
        run_dir: The run directory that it makes; its stages are read from there.
        environment: Variables besides those of this process.

    Raises:
        SystemExit: The command failed; the message has the end of what it wrote to standard error.
    """
    with TemporaryFile("w+") as output, TemporaryFile("w+") as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            [os.fspath(word) for word in words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            env=os.environ | (environment or {}),
        )
        peak, starts = 0.0, {START: 0.0}
        while process.poll() is None:
            peak = max(peak, memory_mb(process.pid))
            stage = stage_of(run_dir)
            starts.setdefault(NAMES.get(stage, stage), time.perf_counter() - began)
            with suppress(subprocess.TimeoutExpired):
                process.wait(INTERVAL)
        seconds = time.perf_counter() - began
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read())
    if process.returncode:
        command = " ".join(os.fspath(word) for word in words)
        raise SystemExit(f"Expected to run: {command}\n{texts[1][-3000:]}")
    return Outcome(seconds, peak, stage_seconds(starts, seconds), texts[0])


def stage_seconds(starts: Mapping[str, float], end: float) -> dict[str, float]:
    """Return the seconds of each stage from the times at which they began.

    Example:
        >>> stage_seconds({"start": 0.0, "training": 3.0}, 10.0)
        {'start': 3.0, 'training': 7.0}
    """
    times = [*starts.values(), end]
    return {name: times[i + 1] - times[i] for i, name in enumerate(starts)}


def stage_of(run_dir: Path | None) -> str:
    """Return the stage that a run directory is in; the first before there is one."""
    if run_dir is None:
        return START
    with suppress(OSError, ValueError):  # not there yet, or being replaced
        return str(json.loads((run_dir / "run.json").read_text(encoding="utf-8"))["stage"])
    return START


def memory_mb(pid: int) -> float:
    """Return the memory (RSS) of a process and all its children, in MB; 0 outside Linux."""
    children = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):  # a process that has just ended
            # Behind the name, which may hold spaces: state, parent, ...
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            children[int(parent)].append(int(folder.name))
    waiting, total = [pid], 0.0
    while waiting:
        one = waiting.pop()
        waiting += children[one]
        with suppress(OSError, IndexError):
            status = Path(f"/proc/{one}/status").read_text()
            total += float(status.partition("VmRSS:")[2].split()[0])
    return total / KIB_PER_MB
