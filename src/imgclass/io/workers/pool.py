"""Many small file jobs, in order, by child processes where there are enough to pay for them.

Hashing and decoding small images is bound by the interpreter, so threads make it slower (measured:
3.5 s by two threads, 2.3 s by one, for 50,000 files). Children are fresh interpreters that are fed
over pipes: nothing of the caller's program is forked or imported again, whether it is a script, a
notebook or has TensorFlow loaded.
"""

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, Self

from imgclass.io.fs import FileSystem, direct
from imgclass.io.workers.jobs import Job, address
from imgclass.io.workers.progress import Steps

FEWEST = 2_000  # jobs; below, a child's start (0.15 s) is not won back
MOST = 8  # children; more wait for the disk
CHUNK = 128  # jobs in one message
_CHILD = (
    "import sys, json; sys.path[:] = json.loads(sys.stdin.buffer.readline()); "
    "from imgclass.io.workers.jobs import serve; serve()"
)


def run_jobs(
    job: Job,
    arguments: Sequence[Sequence[Any]],
    *,
    files: FileSystem,
    steps: Steps,
    common: Sequence[Any] = (),
    lock: int | None = None,
) -> Iterator[Any]:
    """Yield the result of `job` for each of `arguments`, in their order.

    Args:
        job: What is done: a function of a module, `job(files, *common, *own)`.
        arguments: The own JSON values of each call.
        files: The file system; one that a test handed in is not left to children.
        steps: When a stop is wished, what is under way is finished and nothing more begun.
        common: JSON values that all calls share, before their own.
        lock: A descriptor that children hold too, so that they keep its lock while they live.

    Raises:
        InterruptedRunError: The user wished to stop.
        OSError: A job failed, or a child ended.
    """
    children = _children(len(arguments), files)
    if children <= 1:
        for item in arguments:
            steps.go_on()
            yield job(files, *common, *item)
        return
    with _Pool(children, lock) as pool:
        chunks = (arguments[at : at + CHUNK] for at in range(0, len(arguments), CHUNK))
        pending: deque[Future[list[Any]]] = deque()
        for chunk in chunks:
            pending.append(pool.submit([address(job), common, chunk]))
            if len(pending) > 2 * children or steps.stopping:
                yield from pending.popleft().result()
            if steps.stopping:
                break
        while pending:
            yield from pending.popleft().result()
    steps.go_on()


def _children(jobs: int, files: FileSystem) -> int:
    if jobs < FEWEST or files.call is not direct or not sys.executable:
        return 1
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(cores, MOST)


class _Pool:
    """Child processes, and one thread for each that waits on it."""

    def __init__(self, children: int, lock: int | None) -> None:
        self._free: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self._children = [_start(lock) for _ in range(children)]
        for child in self._children:
            self._free.put(child)
        self._threads = ThreadPoolExecutor(children)

    def __enter__(self) -> Self:
        return self

    def submit(self, chunk: Sequence[Any]) -> Future[list[Any]]:
        """Have a child do one chunk: a job's address, its common arguments, those of each call."""
        return self._threads.submit(self._ask, json.dumps(chunk).encode() + b"\n")

    def _ask(self, message: bytes) -> list[Any]:
        child = self._free.get()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(message)
            child.stdin.flush()
            answer = child.stdout.readline()
        except BrokenPipeError:
            answer = b""
        finally:
            self._free.put(child)
        if not answer:
            raise ChildProcessError(f"a worker process ended with code {child.wait()}")
        reply: dict[str, Any] = json.loads(answer)
        if "error" in reply:
            raise OSError(*reply["error"])
        results: list[Any] = reply["results"]
        return results

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)
        for child in self._children:
            child.communicate()  # closes its input, which ends it


def _start(lock: int | None) -> subprocess.Popen[bytes]:
    # A process group of their own: Ctrl-C in a terminal goes to the parent alone.
    posix: dict[str, Any] = {"process_group": 0, "pass_fds": () if lock is None else (lock,)}
    child = subprocess.Popen(  # noqa: S603 - this interpreter and a constant
        [sys.executable, "-P", "-c", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        **(posix if os.name == "posix" else {}),
    )
    assert child.stdin is not None
    # Python looks for modules in the strings of this list alone; programs put paths there, too.
    path = [entry for entry in sys.path if isinstance(entry, str)]
    child.stdin.write(json.dumps(path).encode() + b"\n")
    child.stdin.flush()
    return child
