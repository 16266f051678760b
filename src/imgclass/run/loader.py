"""Read a run directory in any state, also one of 0.1.0."""

from dataclasses import replace
from pathlib import Path

from imgclass.errors import ImgclassError, RunError
from imgclass.experiment import Experiment
from imgclass.io.lock import is_held
from imgclass.io.untrusted_files import exists
from imgclass.models.metadata import read_metadata
from imgclass.run import history_file, scores_file
from imgclass.run.contents import RunContents
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
from imgclass.run.version1 import is_version1, read_version1
from imgclass.serialization import read_json
from imgclass.training.history import History


def read_run(root: Path) -> RunContents:
    """Read the run in a directory; whatever is missing or damaged is a RunError."""
    with damage_named(root):
        if is_version1(root):
            return read_version1(root)
        record = read_record(root)
        diagnosis, history = root / DIAGNOSIS, _history(root, record)
        return RunContents(
            record=replace(record, best_epoch=history.best_epoch),
            experiment=read_json(Experiment, root / EXPERIMENT),
            manifest=read_own_manifest(root / MANIFEST, record.class_names),
            history=history,
            evaluation=scores_file.read_evaluation(root, record.class_names),
            diagnosis=read_diagnosis(diagnosis) if exists(diagnosis) else None,
        )


def read_record(root: Path) -> RunRecord:
    """Read `run.json`; if it says running but the process is gone, the run was interrupted."""
    if not exists(root / FILE):
        raise RunError(
            f"Expected a run directory, as `imgclass train` makes it; {root} has no {FILE}."
        )
    record = _read_record(root / FILE)
    is_left = record.status == "running" and not is_held(str(root / LOCK))
    if is_left:
        record = _read_record(root / FILE)  # it may have finished between the two reads
    if is_left and record.status == "running":
        return replace(
            record, status="interrupted", reason="Its process ended without a word (killed?)."
        )
    return record


def _read_record(path: Path) -> RunRecord:
    record = read_json(RunRecord, path, longest=LONGEST_REASON)
    if record.format != FORMAT:
        raise RunError(
            f"Expected run format {FORMAT}; {path.parent} has {record.format}. Install the "
            f"imgclass that made it, or a newer one."
        )
    require_class_names(record.class_names, f"{path}: class_names")
    if len(record.environment) > MOST_FACTS:
        raise ValueError(f"{path}: environment: expected at most {MOST_FACTS:,} entries.")
    if "\0" in record.data:
        raise ValueError(f"{path}: data: expected the path of a folder; it has a NUL.")
    return record


def _history(root: Path, record: RunRecord) -> History:
    epochs = history_file.read_history(root / history_file.FILE)
    best = record.best_epoch
    if best is not None and not 0 <= best < len(epochs):
        raise ValueError(
            f"{root / history_file.FILE}: expected the best epoch, {best + 1}; there are "
            f"{len(epochs)} epochs."
        )
    if record.status != "finished":  # a kill may have come before the record was written
        of_model = _epoch_of_model(root)
        if of_model is not None and 0 <= of_model < len(epochs):
            record = replace(record, best_epoch=of_model)
    return history_of(record, epochs)


def _epoch_of_model(root: Path) -> int | None:
    """Return the epoch of the model's weights, as its file says."""
    try:
        metadata = read_metadata(root / MODEL)
    except ImgclassError:  # loading the model will say what is wrong with it
        return None
    return None if metadata is None else metadata.epoch
