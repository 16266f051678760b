"""A run directory to a Run, whatever state it is in, those of 0.1.0 included."""

import os
from dataclasses import replace
from pathlib import Path

from imgclass.data.manifest import read_manifest
from imgclass.diagnosis.diagnosis import Diagnosis
from imgclass.errors import DatasetError, RunError
from imgclass.experiment import Experiment
from imgclass.io.lock import is_held
from imgclass.run import history_file, scores_file
from imgclass.run.directory import DIAGNOSIS, EXPERIMENT, LOCK, MANIFEST
from imgclass.run.record import FILE, FORMAT, RunRecord, history_of
from imgclass.run.run import Run
from imgclass.run.version1 import is_version1, load_version1
from imgclass.serialization import read_json
from imgclass.training.history import History


def load_run(path: str | os.PathLike[str]) -> Run:
    """Read the run in the directory `path`; see `Run.load`."""
    root = Path(path).absolute()
    try:
        if is_version1(root):
            return load_version1(root)
        known = read_record(root)
        diagnosis = root / DIAGNOSIS
        return Run(
            path=root,
            record=known,
            experiment=read_json(Experiment, root / EXPERIMENT),
            manifest=read_manifest(root / MANIFEST, class_names=known.class_names),
            history=_history(root, known),
            kept_evaluation=scores_file.read_evaluation(root, known.class_names),
            kept_diagnosis=read_json(Diagnosis, diagnosis) if diagnosis.exists() else None,
        )
    except RunError:
        raise
    except (OSError, ValueError, DatasetError) as error:
        raise RunError(f"The run {root} is incomplete or damaged: {error}") from error


def read_record(root: Path) -> RunRecord:
    """Return what identifies a run; one whose process is gone was interrupted, not running.

    Raises:
        RunError: There is no run, or it is of a later version.
        ValueError: The file is damaged; the message names it.
        OSError: It cannot be read.
    """
    if not (root / FILE).is_file():
        raise RunError(
            f"Expected a run directory, as `imgclass train` makes it; {root} has no {FILE}."
        )
    known = read_json(RunRecord, root / FILE)
    is_left = known.status == "running" and not is_held(str(root / LOCK))
    if is_left:
        known = read_json(RunRecord, root / FILE)  # it may have ended well between the two looks
    if known.format != FORMAT:
        raise RunError(
            f"Expected run format {FORMAT}; {root} has {known.format}. Install the imgclass that "
            f"made it, or a newer one."
        )
    if is_left and known.status == "running":
        return replace(
            known, status="interrupted", reason="Its process ended without a word (killed?)."
        )
    return known


def _history(root: Path, known: RunRecord) -> History:
    epochs = history_file.read_history(root / history_file.FILE)
    best = known.best_epoch
    if best is not None and not 0 <= best < len(epochs):
        raise ValueError(
            f"{root / history_file.FILE}: expected the best epoch, {best + 1}; there are "
            f"{len(epochs)} epochs."
        )
    return history_of(known, epochs)
