"""Runs that imgclass 0.1.0 made: whole directories of format 1."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from imgclass.data.manifest import read_manifest
from imgclass.diagnosis.diagnosis import Diagnosis
from imgclass.evaluation import Evaluation, Score
from imgclass.experiment import Experiment
from imgclass.run.fingerprint import fingerprint
from imgclass.run.record import FILE, RunRecord
from imgclass.run.run import Run
from imgclass.run.scores_file import PREDICTIONS, SCORES, read_predictions
from imgclass.serialization import from_plain, read_json
from imgclass.training.history import Epoch, History


@dataclass(frozen=True, slots=True)
class _Header:
    format: int
    data: str
    class_names: tuple[str, ...]
    environment: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Scores:
    train: Score
    val: Score
    test: Score | None


@dataclass(frozen=True, slots=True)
class _History:
    epochs: tuple[Mapping[str, float], ...]
    best_epoch: int
    stopped_early: bool
    seconds: float
    last_phase: int = 0


def is_version1(root: Path) -> bool:
    """Return whether the directory holds a run of format 1."""
    try:
        plain = json.loads((root / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False  # whoever reads it says what is the matter
    return isinstance(plain, dict) and plain.get("format") == 1


def load_version1(root: Path) -> Run:
    """Read a run of format 1.

    Its losses are those that were minimised, and its scores and its model average over mirror
    images where training mirrored.

    Raises:
        ValueError: A file is damaged; the message names it.
        OSError: A file is missing or cannot be read.
    """
    header = read_json(_Header, root / FILE)
    manifest = read_manifest(root / "manifest.csv", class_names=header.class_names)
    scores = read_json(_Scores, root / SCORES)
    history = read_json(_History, root / "history.json")
    epochs = tuple(
        from_plain(Epoch, dict(epoch) | {"phase": 1 + (i >= history.last_phase > 0)})
        for i, epoch in enumerate(history.epochs)
    )
    return Run(
        path=root,
        record=RunRecord(
            format=1,
            id=f"{fingerprint(manifest)[:16]}-{root.name}",
            status="finished",
            stage="done",
            data=str(Path(header.data).absolute()),
            class_names=header.class_names,
            environment=header.environment,
            best_epoch=history.best_epoch,
            stopped_early=history.stopped_early,
            seconds=history.seconds,
        ),
        experiment=read_json(Experiment, root / "experiment.json"),
        manifest=manifest,
        history=History(epochs, history.best_epoch, history.stopped_early, history.seconds),
        kept_evaluation=Evaluation(
            scores.train, scores.val, scores.test, read_predictions(root / PREDICTIONS)
        ),
        kept_diagnosis=read_json(Diagnosis, root / "diagnosis.json"),
    )
