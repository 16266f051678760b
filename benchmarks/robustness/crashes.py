"""Organizing, killed or failed at each of its file-system calls: what `crash_harness` tries."""

from concurrent.futures import ProcessPoolExecutor

from benchmarks import crash_harness
from benchmarks.robustness.trials import Row

STRIDE = 31  # of the short form: every 31st call
WORDS = {
    "kill": "kill -9 at every call",
    "power": "power cut at every call (a model)",
    "twice": "kill -9, and the next run killed too",
    "errno": f"{len(crash_harness.ERRNOS)} errors at every call",
}
PROMISES = {
    "errno": "a named error, no byte lost; the next run ends in the same tree",
}
NO_BYTE = "no byte lost; the next run ends in the same tree"


def prove(*, short: bool) -> list[Row]:
    """Try every fault on every scenario of the harness."""
    names = [scenario.name for scenario in crash_harness.scenarios()]
    stride = STRIDE if short else 1
    with ProcessPoolExecutor(2) as pool:
        results = list(pool.map(_try_scenario, names, [stride] * len(names)))
    rows = []
    for kind in crash_harness.KINDS:
        tallies = [result[kind] for result in results]
        rows.append(
            Row(
                what=WORDS.get(kind, kind),
                promise=PROMISES.get(kind, NO_BYTE),
                tried=sum(tally.tried for tally in tallies),
                failures=tuple(failure for tally in tallies for failure in tally.failures),
                note="; ".join(names),
            )
        )
    return rows


def _try_scenario(name: str, stride: int) -> dict[str, crash_harness.Tally]:
    crash_harness.journal.FLUSH_SECONDS = 0.0
    [scenario] = [found for found in crash_harness.scenarios() if found.name == name]
    with crash_harness.scratch_folder() as scratch:
        return crash_harness.try_faults(scenario, scratch, stride)
