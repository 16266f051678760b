"""Trials in processes of their own, as many at a time as there are processors."""

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from benchmarks.robustness.children import Child, start
from benchmarks.robustness.trials import Trials

Case = tuple[str, Callable[[], Any]]

LIMIT = 240.0  # seconds of one case, which may wait for a processor
EVERY = 15.0  # seconds between two lines of progress


def try_each(trials: Trials, cases: Iterable[Case], *, title: str) -> Iterator[Any]:
    """Count each case as a trial, and yield what those that went well returned.

    Args:
        trials: Where they are counted.
        cases: The name of each, and what to call in a process of its own.
        title: What the lines of progress on standard error begin with.
    """
    cases = list(cases)
    waiting, running = deque(cases), deque[tuple[str, Child]]()
    said = began = time.perf_counter()
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            name, function = waiting.popleft()
            running.append((name, start(function)))
        name, child = running.popleft()
        results = []
        with trials.trial(name, limit=LIMIT):
            results.append(child.result())
        yield from results
        done, now = len(cases) - len(waiting) - len(running), time.perf_counter()
        if now - said > EVERY or done == len(cases):
            said = now
            failed = f", {len(trials.failures)} failed" if trials.failures else ""
            words = f"  {title}: {done} of {len(cases)}{failed}, {now - began:,.0f} s"
            print(words, file=sys.stderr, flush=True)
