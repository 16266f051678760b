"""Reading the rows of a Parquet file, in a process of its own, since damaged ones can end it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import IO

from imgclass.errors import LabelsError, MachineError
from imgclass.io.regular_file import open_regular

CHILD = ("-P", "-m", "imgclass.data.labels.parquet_process")
MOST_ROWS = 100_000_000
LARGEST = 8 * 2**30  # bytes of the columns that are read, as the file states them

Records = Iterator[tuple[int, Sequence[str]]]


@contextmanager
def open_parquet(path: str | os.PathLike[str]) -> Iterator[tuple[Sequence[str], Records]]:
    """Yield the names of the columns of plain values, and the rows with their numbers from 1.

    Columns of other values, such as embedded images, are left out.
    """
    if find_spec("pyarrow") is None:
        raise MachineError(
            f"Expected the package pyarrow, which reads Parquet files such as {os.fspath(path)}; "
            "it is not installed: pip install 'imgclass-keras[parquet]'."
        )
    command = [sys.executable, *CHILD, str(MOST_ROWS), str(LARGEST)]
    with (
        open_regular(path) as file,
        subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process,
    ):
        assert process.stdout is not None
        try:
            lines = _lines(process, process.stdout)
            header = next(lines, [])
            yield header, enumerate(lines, start=1)
        finally:
            process.kill()  # it may have more to say than anybody reads


def _lines(process: "subprocess.Popen[bytes]", output: IO[bytes]) -> Iterator[list[str]]:
    for line in output:
        if not line.endswith(b"\n"):
            break  # the process ended in the midst of it
        found = json.loads(line)
        if isinstance(found, dict):
            raise LabelsError(f"a Parquet file expected; {found['error']}")
        yield found
    if process.wait() != 0:
        raise LabelsError(
            "a Parquet file expected; it ended the process that read it, as damaged ones do"
        )
