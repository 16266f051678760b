"""Runs that imgclass 0.1.0 made: finished directories of format 1."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, isnan
from pathlib import Path

from imgclass.evaluation import Evaluation, Score
from imgclass.experiment import Experiment
from imgclass.io.strict_json import parse_json
from imgclass.io.untrusted_files import read_text
from imgclass.run.contents import RunContents
from imgclass.run.field_rules import (
    LARGEST_SCORES,
    read_diagnosis,
    read_own_manifest,
    require_class_names,
)
from imgclass.run.fingerprint import fingerprint
from imgclass.run.predictions_file import read_predictions
from imgclass.run.record import FILE, RunRecord
from imgclass.run.scores_file import PREDICTIONS, SCORES
from imgclass.serialization import LARGEST, from_plain, read_json
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
    """Return whether a directory has a run of format 1."""
    try:
        plain = parse_json(read_text(root / FILE, limit=LARGEST), limit=LARGEST)
    except (OSError, ValueError):
        return False  # reading it will say what is wrong with it
    version = plain.get("format") if isinstance(plain, dict) else None
    return type(version) is int and version == 1  # True is 1, too


def read_version1(root: Path) -> RunContents:
    """Read a run of format 1.

    Its losses are those that were minimised; its scores and its model average over mirror images if
    training mirrored.
    """
    header = read_json(_Header, root / FILE)
    require_class_names(header.class_names, f"{root / FILE}: class_names")
    manifest = read_own_manifest(root / "manifest.csv", header.class_names)
    scores = _read_scores(root / SCORES, header.class_names)
    history = _read_history(root / "history.json")
    images = sum(score.n for score in (scores.train, scores.val, scores.test) if score)
    return RunContents(
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
        history=history,
        evaluation=Evaluation(
            scores.train,
            scores.val,
            scores.test,
            read_predictions(root / PREDICTIONS, header.class_names, images=images),
        ),
        diagnosis=read_diagnosis(root / "diagnosis.json"),
    )


def _read_scores(path: Path, class_names: tuple[str, ...]) -> _Scores:
    scores = read_json(_Scores, path, limit=LARGEST_SCORES)
    for split in ("train", "val", "test"):
        score = getattr(scores, split)
        if score is None:
            continue
        if score.class_names != class_names:
            raise ValueError(f"{path}: {split}.class_names: expected those of {FILE}.")
        rows, side = score.confusion, len(class_names)
        if len(rows) != side or any(len(row) != side or min(row) < 0 for row in rows):
            raise ValueError(
                f"{path}: {split}.confusion: expected {side} rows of {side} numbers of images."
            )
        if not score.n or score.loss < 0:
            raise ValueError(f"{path}: {split}: expected images, and a loss >= 0.")
    return scores


def _read_history(path: Path) -> History:
    kept = read_json(_History, path, finite=False)  # an epoch may have ended in NaN
    epochs = tuple(
        _epoch(dict(epoch) | {"phase": 1 + (i >= kept.last_phase > 0)}, f"{path}: epochs[{i}]")
        for i, epoch in enumerate(kept.epochs)
    )
    if not 0 <= kept.best_epoch < len(epochs):
        raise ValueError(
            f"{path}: best_epoch: expected one of {len(epochs)} epochs; received {kept.best_epoch}."
        )
    if not isfinite(kept.seconds):
        raise ValueError(f"{path}: seconds: expected a finite number; received {kept.seconds}.")
    return History(epochs, kept.best_epoch, kept.stopped_early, kept.seconds)


def _epoch(plain: Mapping[str, float], at: str) -> Epoch:
    epoch = from_plain(Epoch, plain, at=at)
    for name in ("accuracy", "val_accuracy"):
        share = getattr(epoch, name)
        if not (0 <= share <= 1 or isnan(share)):
            raise ValueError(f"{at}.{name}: expected a number in 0-1; received {share}.")
    return epoch
