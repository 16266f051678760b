"""Decoding a range of damaged files under a memory limit; prints what came of it as JSON.

`python -m benchmarks.robustness.decoding NOTE FIRST STOP` keeps in the file NOTE the number of the
case at hand, so that whoever started it knows what a crash or a hang was about.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.robustness.mutation import damaged
from benchmarks.robustness.pictures import bombs, broken, seeds, sound
from imgclass.errors import ImageError
from imgclass.images.decoding import decode_image

MEMORY = 2 * 2**30  # bytes of address space
KINDS = ("decoded", "refused", "failed")


def main() -> None:
    """Decode the cases, or, with `kinds` for NOTE, every kind of file."""
    memory, _ = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, memory))
    if sys.argv[1] == "kinds":
        print(json.dumps(list(_kinds())))
    else:
        print(json.dumps(_cases(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))


def _cases(note: str, first: int, stop: int) -> dict[str, object]:
    counts, failures, slowest = dict.fromkeys(KINDS, 0), [], (0.0, "")
    files = seeds()
    descriptor = os.open(note, os.O_WRONLY | os.O_CREAT)
    for number in range(first, stop):
        os.pwrite(descriptor, b"%12d" % number, 0)
        name, data = damaged(number, files)
        with _timed() as seconds:
            ending, reason = _ending(data, name)
        counts[ending] += 1
        slowest = max(slowest, (seconds[0], f"case {number}, {name}"))
        if ending == "failed":
            failures.append(f"case {number}, {name}: {reason}")
    return {"counts": counts, "failures": failures, "slowest": slowest, "peak_mb": _peak_mb()}


def _kinds() -> Iterator[tuple[str, str, str, str, float, float]]:
    """Yield of every file: its group, name, ending, reason, seconds and added megabytes."""
    groups = {"sound": sound(), "broken": broken(), "bombs": bombs()}
    for group, files in groups.items():
        for name, data in files.items():
            before = _peak_mb()
            with _timed() as seconds:
                ending, reason = _ending(data, name)
            yield group, name, ending, reason, seconds[0], _peak_mb() - before


def _ending(data: bytes, name: str) -> tuple[str, str]:
    try:
        image = decode_image(data, name=name)
    except ImageError as error:
        return "refused", str(error)
    except BaseException as error:  # noqa: BLE001  # that it is another one is the finding
        return "failed", f"{type(error).__name__}: {error}"
    if (str(image.dtype), image.ndim, image.shape[2:]) != ("uint8", 3, (3,)):
        return "failed", f"decoded to {image.dtype} {image.shape}"
    return "decoded", ""


@contextmanager
def _timed() -> Iterator[list[float]]:
    """Yield a list that gets the processor's seconds, which a busy machine does not change."""
    seconds: list[float] = []
    began = time.process_time()
    yield seconds
    seconds.append(time.process_time() - began)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
