"""Many small file jobs done in order, by child processes if there are enough jobs to pay for them.

Hashing and decoding small images is bound by the interpreter, so threads make it slower (50,000
files: 3.5 s with two threads, 2.3 s with one). Each child is a fresh interpreter. Nothing of the
caller's program is forked or imported again, so it may be a script without a main guard, a
notebook, or a program that uses TensorFlow.
"""

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

from imgclass.io.fs import FileSystem, direct
from imgclass.io.workers.jobs import Job
from imgclass.io.workers.progress import Steps

FEWEST = 2_000  # jobs; fewer do not win back the start of a child (0.15 s)
MOST = 8  # children; more would wait for the disk
CHUNK = 128  # jobs in one message
_CHILD = (
    "import sys, pickle; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from imgclass.io.workers.jobs import serve; serve()"
)

Submit = Callable[[Any], Future[list[Any]]]


def run_jobs(
    job: Job,
    arguments: Sequence[Sequence[Any]],
    *,
    files: FileSystem,
    steps: Steps,
    common: Sequence[Any] = (),
    lock: int | None = None,
    fewest: int | None = None,
) -> Iterator[Any]:
    """Yield the result of `job` for each of `arguments`, in their order.

    A job is a function of a module: `job(files, *common, *own)`; all is pickled. A file system that
    a test has replaced is never handed to children. They inherit `lock`, so that it is held as long
    as one lives. After a request to stop, jobs that have begun are finished, and no others begin.
    Jobs that take longer than for a small image pay for children earlier: `fewest`.
    """
    fewest = fewest or FEWEST
    children = _children(len(arguments), files, fewest)
    chunk = max(1, CHUNK * fewest // FEWEST)  # of about the same time
    if children <= 1:
        for own in arguments:
            steps.go_on()
            yield job(files, *common, *own)
        return
    with _pool(children, lock) as submit:
        pending: deque[Future[list[Any]]] = deque()
        for at in range(0, len(arguments), chunk):
            pending.append(submit((job, common, arguments[at : at + chunk])))
            if len(pending) > 2 * children or steps.stopping:
                yield from pending.popleft().result()
            if steps.stopping:
                break
        while pending:
            yield from pending.popleft().result()
    steps.go_on()


def _children(jobs: int, files: FileSystem, fewest: int) -> int:
    if jobs < fewest or files.call is not direct or not sys.executable:
        return 1
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(cores, MOST)


@contextmanager
def _pool(children: int, lock: int | None) -> Iterator[Submit]:
    """Start children, a thread for each; yield what hands a chunk to the next free child."""
    started = [_start(lock) for _ in range(children)]
    free: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
    for child in started:
        free.put(child)

    def ask(chunk: Any) -> list[Any]:
        child = free.get()
        try:
            _send(chunk, child)
            answer = pickle.load(child.stdout)  # type: ignore[arg-type]  # noqa: S301 - our child's
        except (BrokenPipeError, EOFError, pickle.UnpicklingError) as error:
            raise ChildProcessError(f"a worker process ended with code {child.wait()}") from error
        finally:
            free.put(child)
        if isinstance(answer, OSError):
            raise answer
        results: list[Any] = answer
        return results

    threads = ThreadPoolExecutor(children)
    try:
        yield lambda chunk: threads.submit(ask, chunk)
    finally:
        threads.shutdown(cancel_futures=True)
        for child in started:
            child.communicate()  # closes its input, which ends it


def _start(lock: int | None) -> subprocess.Popen[bytes]:
    # A process group of their own: Ctrl-C in a terminal reaches the parent alone.
    posix: dict[str, Any] = {"process_group": 0, "pass_fds": () if lock is None else (lock,)}
    child = subprocess.Popen(  # noqa: S603 - this interpreter and a constant
        [sys.executable, "-P", "-c", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        **(posix if os.name == "posix" else {}),
    )
    # Programs put other objects into this list, too; Python searches its strings alone.
    _send([entry for entry in sys.path if isinstance(entry, str)], child)
    return child


def _send(message: Any, child: subprocess.Popen[bytes]) -> None:
    assert child.stdin is not None
    pickle.dump(message, child.stdin)
    child.stdin.flush()
