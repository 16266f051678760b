"""Damaged images, every kind of file and bombs: each decoded or refused, in bounded time."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.robustness.trials import Row

CASES = 100_000
SHORT_CASES = 4_000
BATCH = 2_000
SECONDS_A_BATCH = 120.0
BOMB_MS = 50.0
BOMB_MB = 100.0
ROOT = Path(__file__).parents[2]


def prove(*, short: bool) -> list[Row]:
    """Decode damaged files and every kind of file, in processes of their own."""
    return [_fuzz(SHORT_CASES if short else CASES), *_kinds()]


def _fuzz(cases: int) -> Row:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        starts = range(0, cases, BATCH)
        parts = [
            part
            for found in pool.map(lambda first: list(_batch(first, first + BATCH)), starts)
            for part in found
        ]
    counts = {name: sum(part["counts"][name] for part in parts) for name in parts[0]["counts"]}
    seconds, slowest = max(part["slowest"] for part in parts)
    return Row(
        what="damaged images and random bytes",
        promise="decoded, or `ImageError`; never another exception, a crash or a hang",
        tried=sum(counts.values()),
        failures=tuple(failure for part in parts for failure in part["failures"]),
        slowest_ms=1000 * seconds,
        peak_mb=max(part["peak_mb"] for part in parts),
        note=f"{counts['decoded']:,} decoded, {counts['refused']:,} refused; slowest: {slowest}",
    )


def _batch(first: int, stop: int) -> Iterator[dict[str, Any]]:
    """Yield what came of some cases; where one ends the process, it fails and the others follow."""
    if first >= stop:
        return
    with tempfile.TemporaryDirectory() as folder:
        note = Path(folder, "case")
        ending, reply = _run([str(note), str(first), str(stop)])
        at = int(note.read_text(encoding="ascii")) if note.exists() else first
    if reply is not None:
        yield reply
        return
    yield {
        "counts": {"decoded": 0, "refused": 0, "failed": 1},
        "failures": [f"case {at}: the process {ending}"],
        "slowest": [0.0, ""],
        "peak_mb": 0.0,
    }
    yield from _batch(first, at)
    yield from _batch(at + 1, stop)


def _kinds() -> Iterator[Row]:
    ending, reply = _run(["kinds"])
    found = reply or [("sound", "every kind", "failed", f"the process {ending}", 0.0, 0.0)]
    yield _kind_row(found, "sound", "decoded", "sound files of every kind")
    yield _kind_row(found, "broken", "refused", "broken files, and other formats")
    yield _kind_row(found, "bombs", "refused", "bombs and headers that lie")


def _kind_row(found: list[Any], group: str, expected: str, what: str) -> Row:
    files = [values for values in found if values[0] == group]
    failures = []
    for _, name, ending, reason, seconds, megabytes in files:
        if ending != expected:
            failures.append(f"{name}: {ending} {reason}")
        elif group == "bombs" and (1000 * seconds > BOMB_MS or megabytes > BOMB_MB):
            failures.append(f"{name}: took {1000 * seconds:.0f} ms and {megabytes:.0f} MB")
    promise = "decoded" if expected == "decoded" else "`ImageError` with the name and the cause"
    if group == "bombs":
        promise += f", within {BOMB_MS:.0f} ms and {BOMB_MB:.0f} MB"
    return Row(
        what=what,
        promise=promise,
        tried=len(files),
        failures=tuple(failures),
        slowest_ms=1000 * max((values[4] for values in files), default=0.0),
        peak_mb=max((values[5] for values in files), default=0.0),
        note="peak is what they add" if group == "bombs" else "",
    )


def _run(arguments: list[str]) -> tuple[str, Any]:
    """Return how the process ended, and what it said, if it came to that."""
    command = [sys.executable, "-W", "error", "-m", "benchmarks.robustness.decoding", *arguments]
    try:
        process = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            timeout=SECONDS_A_BATCH,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"was not at an end after {SECONDS_A_BATCH:g} s", None
    if process.returncode:
        return f"ended with {process.returncode}: {process.stderr[-300:]!r}", None
    return "", json.loads(process.stdout)
