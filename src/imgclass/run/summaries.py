"""The runs of a directory, each with what tells it from the others."""

import html
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, overload

import pandas as pd

from imgclass.errors import RunError
from imgclass.experiment import Experiment
from imgclass.formatting import cut
from imgclass.io.untrusted_files import exists
from imgclass.run import history_file, scores_file
from imgclass.run.directory import CHECKPOINTS, EXPERIMENT, RUNS
from imgclass.run.field_rules import words_of
from imgclass.run.loader import read_record
from imgclass.run.record import FILE, RunRecord
from imgclass.run.version1 import is_version1, load_version1
from imgclass.serialization import read_json
from imgclass.statistics import Interval

ENDED_EARLY = ("interrupted", "failed")
DAMAGED = "damaged"
SHOWN = 200  # characters of a cell, where the runs are shown as a table


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run at a glance.

    Attributes:
        path: Its directory.
        status: `running`, `interrupted`, `failed`, `finished`, or `damaged` where a file of it
            cannot be read.
        architecture: What was trained.
        epochs: Finished so far.
        planned: Epochs that were asked for; None where that is not known.
        val_accuracy: Of the clean pass, in 0-1; None where the run was not scored.
        val_interval: Its 95 % interval.
        seconds: Wall time of fitting.
        started: When, in UTC, as ISO 8601; empty for runs of 0.1.0.
        parent: Name of the run whose recommendation it follows, or its id where that is not here.
        id: Tells it from every other.
        reason: Why it is not finished, or what is damaged.
        is_resumable: Whether it ended early, and has checkpoints to go on from.

    Example:
        >>> RunSummary(Path("runs/cnn-1"), "running", "cnn", epochs=3, planned=8).name
        'cnn-1'
    """

    path: Path
    status: str
    architecture: str = ""
    epochs: int = 0
    planned: int | None = None
    val_accuracy: float | None = None
    val_interval: Interval | None = None
    seconds: float = 0.0
    started: str = ""
    parent: str = ""
    id: str = ""
    reason: str = ""
    is_resumable: bool = False

    @property
    def name(self) -> str:
        """The directory's name."""
        return self.path.name


class RunList(Sequence[RunSummary]):
    """Runs, oldest first: a sequence, and a table where it is shown.

    Example:
        >>> RunList([RunSummary(Path("runs/cnn-1"), "running", "cnn")])
        <1 runs: cnn-1>
    """

    def __init__(self, summaries: Sequence[RunSummary]) -> None:
        self._summaries = tuple(summaries)

    def __len__(self) -> int:
        return len(self._summaries)

    @overload
    def __getitem__(self, index: int) -> RunSummary: ...
    @overload
    def __getitem__(self, index: slice) -> "RunList": ...
    def __getitem__(self, index: int | slice) -> "RunSummary | RunList":
        """Return one run, or some."""
        if isinstance(index, slice):
            return RunList(self._summaries[index])
        return self._summaries[index]

    def __iter__(self) -> Iterator[RunSummary]:
        return iter(self._summaries)

    def __repr__(self) -> str:
        return f"<{len(self)} runs: {', '.join(cut(run.name, SHOWN) for run in self)}>"

    def _repr_html_(self) -> str:
        table = self.to_frame().map(lambda cell: "" if cell is None else _shown(cell))
        return str(table.to_html(escape=False))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a run, indexed by the directory's name."""
        rows = [_row(run) for run in self]
        columns = list(_row(RunSummary(Path("none"), DAMAGED)))
        return pd.DataFrame(rows, columns=columns).set_index("name")


def runs(directory: str | os.PathLike[str] = RUNS) -> RunList:
    """Return the runs that lie in a directory, or the one that it is, oldest first.

    A run that is damaged is among them, with what is the matter; nothing is changed.

    Args:
        directory: Where runs lie; `runs` when not given.

    Raises:
        RunError: There is no such directory, or it cannot be read.

    Example:
        >>> runs("no/runs")
        Traceback (most recent call last):
        imgclass.errors.RunError: Expected a directory of runs; there is no directory no/runs.
    """
    root = Path(directory)
    if not root.is_dir():
        raise RunError(f"Expected a directory of runs; there is no directory {root}.")
    places = [root] if exists(root / FILE) else _entries(root)
    found = [_summary(place) for place in places if exists(place / FILE)]
    names = {run.id: run.name for run in found if run.id}
    named = [_with_parent(run, names) for run in found]
    return RunList(sorted(named, key=lambda run: (run.started, _natural(run.name))))


def _entries(root: Path) -> list[Path]:
    try:
        return sorted(root.iterdir())
    except OSError as error:
        raise RunError(f"Expected a directory of runs; {words_of(error)}") from error


def _summary(root: Path) -> RunSummary:
    try:
        if is_version1(root):
            run = load_version1(root)
            val = run.evaluation.val
            return RunSummary(
                root,
                "finished",
                run.experiment.architecture,
                epochs=len(run.history.epochs),
                planned=run.experiment.training.epochs,
                val_accuracy=val.accuracy,
                val_interval=val.interval,
                seconds=run.history.seconds,
                id=run.record.id,
            )
        return _summary_of(root, read_record(root))
    except (RunError, OSError, ValueError) as error:
        return RunSummary(root, DAMAGED, reason=words_of(error))


def _summary_of(root: Path, known: RunRecord) -> RunSummary:
    experiment = read_json(Experiment, root / EXPERIMENT)
    epochs = history_file.read_history(root / history_file.FILE)
    val = scores_file.read_figures(root).get("val")
    return RunSummary(
        root,
        known.status,
        experiment.architecture,
        epochs=len(epochs),
        planned=experiment.training.epochs,
        val_accuracy=val.accuracy if val else None,
        val_interval=val.interval if val else None,
        seconds=known.seconds or sum(epoch.seconds for epoch in epochs),
        started=known.started,
        parent=known.parent,
        id=known.id,
        reason=known.reason,
        is_resumable=known.status in ENDED_EARLY and exists(root / CHECKPOINTS),
    )


def _shown(cell: object) -> str:
    return html.escape(cut(str(cell), SHOWN))


def _with_parent(run: RunSummary, names: dict[str, str]) -> RunSummary:
    values = {field: getattr(run, field) for field in RunSummary.__dataclass_fields__}
    return RunSummary(**values | {"parent": names.get(run.parent, run.parent)})


def _natural(name: str) -> tuple[str, int]:
    stem, _, number = name.rpartition("-")
    return (stem, int(number)) if number.isdigit() else (name, 0)


def _row(run: RunSummary) -> dict[str, Any]:
    low, high = run.val_interval or (None, None)
    row = asdict(run) | {"name": run.name, "path": str(run.path)}
    del row["val_interval"]
    return {"name": row.pop("name")} | row | {"val_low": low, "val_high": high}
