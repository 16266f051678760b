"""A run directory to a Run, whatever state it is in, those of 0.1.0 included."""

import os
from dataclasses import replace
from pathlib import Path

from imgclass.errors import ImgclassError, RunError
from imgclass.experiment import Experiment
from imgclass.io.lock import is_held
from imgclass.io.untrusted_files import exists
from imgclass.models.metadata import read_metadata
from imgclass.run import history_file, scores_file
from imgclass.run.directory import DIAGNOSIS, EXPERIMENT, LOCK, MANIFEST, MODEL
from imgclass.run.field_rules import (
    LONGEST_REASON,
    MOST_FACTS,
    damage_named,
    read_diagnosis,
    read_own_manifest,
    require_class_names,
)
from imgclass.run.record import FILE, FORMAT, RunRecord, history_of
from imgclass.run.run import Run
from imgclass.run.version1 import is_version1, load_version1
from imgclass.serialization import read_json
from imgclass.training.history import History


def load_run(path: str | os.PathLike[str], *, trust: bool = False) -> Run:
    """Read the run in the directory `path`; see `Run.load`."""
    root = Path(path).absolute()
    with damage_named(root):
        if is_version1(root):
            return replace(load_version1(root), trust=trust)
        known = read_record(root)
        diagnosis, history = root / DIAGNOSIS, _history(root, known)
        return Run(
            path=root,
            record=replace(known, best_epoch=history.best_epoch),
            experiment=read_json(Experiment, root / EXPERIMENT),
            manifest=read_own_manifest(root / MANIFEST, known.class_names),
            history=history,
            kept_evaluation=scores_file.read_evaluation(root, known.class_names),
            kept_diagnosis=read_diagnosis(diagnosis) if exists(diagnosis) else None,
            trust=trust,
        )


def read_record(root: Path) -> RunRecord:
    """Return what identifies a run; one whose process is gone was interrupted, not running.

    Raises:
        RunError: There is no run, or it is of a later version.
        ValueError: The file is damaged; the message names it.
        OSError: It cannot be read.
    """
    if not exists(root / FILE):
        raise RunError(
            f"Expected a run directory, as `imgclass train` makes it; {root} has no {FILE}."
        )
    known = _read_record(root / FILE)
    is_left = known.status == "running" and not is_held(str(root / LOCK))
    if is_left:
        known = _read_record(root / FILE)  # it may have ended well between the two looks
    if is_left and known.status == "running":
        return replace(
            known, status="interrupted", reason="Its process ended without a word (killed?)."
        )
    return known


def _read_record(path: Path) -> RunRecord:
    known = read_json(RunRecord, path, longest=LONGEST_REASON)
    if known.format != FORMAT:
        raise RunError(
            f"Expected run format {FORMAT}; {path.parent} has {known.format}. Install the imgclass "
            f"that made it, or a newer one."
        )
    require_class_names(known.class_names, f"{path}: class_names")
    if len(known.environment) > MOST_FACTS:
        raise ValueError(f"{path}: environment: expected at most {MOST_FACTS:,} entries.")
    if "\0" in known.data:
        raise ValueError(f"{path}: data: expected the path of a folder; it has a NUL.")
    return known


def _history(root: Path, known: RunRecord) -> History:
    epochs = history_file.read_history(root / history_file.FILE)
    best = known.best_epoch
    if best is not None and not 0 <= best < len(epochs):
        raise ValueError(
            f"{root / history_file.FILE}: expected the best epoch, {best + 1}; there are "
            f"{len(epochs)} epochs."
        )
    if known.status != "finished":  # a kill may have come before the record said it
        of_model = _epoch_of_model(root)
        if of_model is not None and 0 <= of_model < len(epochs):
            known = replace(known, best_epoch=of_model)
    return history_of(known, epochs)


def _epoch_of_model(root: Path) -> int | None:
    """Return the epoch whose weights the model has, as its file says."""
    try:
        metadata = read_metadata(root / MODEL)
    except ImgclassError:  # whoever wants the model says what is the matter
        return None
    return None if metadata is None else metadata.epoch
