"""One question, answered by another Python process, which may exit, hang or crash."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

# Seconds for Python and Keras to start: 11 on a two-core machine, more from a cold disk.
START_LIMIT = 180.0
LATE = 124  # the exit code of `timeout`, too


def ask(module: str, *words: str, limit: float) -> Any:
    """Run `python -m module ANSWER LIMIT words` and return what it writes to ANSWER as JSON.

    Without an answer, it returns `{"fault": how the child ended}`.

    After `limit` seconds (the start of Python and Keras not counted) the child ends itself with the
    code `LATE`. It prints into a file, so that nothing it prints is taken for its answer, and
    programs that it leaves behind keep nobody waiting.
    """
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        answer, printed = Path(folder, "answer.json"), Path(folder, "printed")
        with printed.open("wb+") as output:
            try:
                code = subprocess.run(  # noqa: S603 - our own interpreter, our own module
                    [sys.executable, "-m", module, str(answer), str(limit), *words],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    timeout=START_LIMIT + limit,
                    check=False,
                ).returncode
            except subprocess.TimeoutExpired:
                code = LATE
        if code == 0 and answer.exists():
            return json.loads(answer.read_text(encoding="utf-8"))
    if code == LATE:
        return {"fault": f"it was not done after {limit:g} s"}
    return {"fault": f"it ended Python with exit code {code}"}
