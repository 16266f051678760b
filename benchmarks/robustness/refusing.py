"""Giving hostile files to the check that comes before Keras.

`python -m benchmarks.robustness.refusing FOLDER` does so for the corpus in FOLDER, and keeps what
came of each in its `outcomes.json`, as what is imported may print anything. Each file is tried in
a process that is forked off this one, which has not imported Keras and never will: where a file
passes the check, the try ends.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path

from benchmarks.robustness.children import start
from benchmarks.robustness.strange_models import an_image
from benchmarks.robustness.trials import BrokenPromiseError, time_limit
from benchmarks.robustness.watching import Limits, Outcome, ReachedKerasError, WithoutKeras, watch
from imgclass.models.model_file import load_model
from imgclass.models.preflight import require_harmless_weights
from imgclass.run.run import Run

CASES = "cases.json"
OUTCOMES = "outcomes.json"
HEAVY = frozenset({"keras", "h5py", "tensorflow", "torch", "jax"})
PATIENCE = 15.0  # seconds, after which a process is ended
UNREAD = 1  # the second of 1970 in which a file outside was last read, as long as nobody reads it


def main() -> None:
    """Try every file of the corpus."""
    folder = Path(sys.argv[1])
    sys.meta_path.insert(0, WithoutKeras())
    _warm_up(folder)
    if heavy := HEAVY.intersection(sys.modules):
        raise RuntimeError(f"The check imported {heavy}.")
    found = {
        name: [asdict(try_case(folder, path, Limits())) for path in paths]
        for name, paths in read_paths(folder).items()
    }
    (folder / OUTCOMES).write_text(json.dumps(found), "utf-8")


def read_paths(scratch: Path) -> dict[str, list[Path]]:
    """Return where the files of each group lie."""
    plain = json.loads((scratch / CASES).read_text("utf-8"))
    return {name: [scratch / path for path in paths] for name, paths in plain.items()}


def read_outcomes(folder: Path) -> dict[str, list[Outcome]]:
    """Return what came of every file."""
    plain = json.loads((folder / OUTCOMES).read_text("utf-8"))
    return {
        name: [Outcome(**(values | {"notes": tuple(values["notes"])})) for values in found]
        for name, found in plain.items()
    }


def load(path: Path) -> object:
    """Load a model, check weights, or let a run predict: what a user does with what was sent."""
    if (path / "run.json").is_symlink() or (path / "run.json").exists():
        return Run.load(path).predict(an_image())
    if path.name.endswith((".weights.h5", ".weights.json")):
        require_harmless_weights(path)
        raise ReachedKerasError
    return load_model(path)


def try_case(folder: Path, path: Path, limits: Limits) -> Outcome:
    """Load a file in a process that is forked off, and return what came of it.

    Args:
        folder: The corpus, whose files `outside` should not be touched.
        path: The file, or run directory.
        limits: What the process may use.
    """
    _make_unread(folder)
    child = start(watch, partial(load, path), folder=path.parent, limits=limits)
    try:
        with time_limit(PATIENCE):
            outcome: Outcome = child.result()
    except (BrokenPromiseError, TimeoutError) as error:
        outcome = Outcome("failed", type(error).__name__, str(error), 0.0, 0.0, ())
    notes = (*outcome.notes, *_touched(folder))
    return Outcome(**(asdict(outcome) | {"notes": notes}))


def _warm_up(folder: Path) -> None:
    """Import what is imported on the way, so that every process measures the check alone."""
    for good in (folder / "good", folder / "good" / "model.keras"):
        with suppress(Exception, ReachedKerasError):
            load(good)


def _make_unread(folder: Path) -> None:
    for path in (folder / "outside").rglob("*"):
        if path.is_file():
            # Linux notes the reading of a file that was last read before it was last written.
            os.utime(path, (UNREAD, UNREAD + 1))
    (folder / "marker").unlink(missing_ok=True)


def _touched(folder: Path) -> Iterator[str]:
    """Yield what the last try left behind, or read outside, as far as the file system notes it."""
    if (folder / "marker").exists():
        yield "code of the file ran"
    for path in (folder / "outside").rglob("*"):
        if path.is_file() and path.stat().st_atime != UNREAD:
            yield f"{path.relative_to(folder)} was read"


if __name__ == "__main__":
    main()
