"""The runs of a directory, each at a glance."""

import html
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, overload

import pandas as pd

from imgclass.errors import RunError
from imgclass.experiment import Experiment
from imgclass.formatting import count, cut
from imgclass.io.untrusted_files import exists
from imgclass.run import history_file, scores_file
from imgclass.run.contents import RunContents
from imgclass.run.directory import CHECKPOINTS, EXPERIMENT, RUNS
from imgclass.run.field_rules import words_of
from imgclass.run.loader import read_record
from imgclass.run.record import FILE, RunRecord
from imgclass.run.version1 import is_version1, read_version1
from imgclass.serialization import read_json
from imgclass.statistics import Interval

ENDED_EARLY = ("interrupted", "failed")
DAMAGED = "damaged"
NAMED = 10  # runs that a line names
SHOWN = 200  # characters of a cell of the table


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run at a glance.

    Attributes:
        path: Its directory.
        status: `running`, `interrupted`, `failed`, `finished`, or `damaged` if a file of it
            cannot be read.
        architecture: What was trained.
        epochs: Number finished so far.
        planned: Number of epochs asked for; None if unknown.
        val_accuracy: Of the clean pass, in 0-1; None if the run was not scored.
        val_interval: Its 95 % interval.
        seconds: Wall time of fitting.
        started: In UTC, as ISO 8601; empty for runs of 0.1.0.
        parent: Name of the run whose recommendation it follows; its id if it is elsewhere.
        id: Identifies the run, also after a move.
        reason: Why it is not finished, or what is damaged.
        is_resumable: Whether it ended early and has checkpoints to resume from.

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
    """Runs, oldest first: a sequence, shown as a table in a notebook.

    Example:
        >>> RunList([RunSummary(Path("runs/cnn-1"), "running", "cnn")])
        <RunList: 1 run: cnn-1>
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
        if isinstance(index, slice):
            return RunList(self._summaries[index])
        return self._summaries[index]

    def __iter__(self) -> Iterator[RunSummary]:
        return iter(self._summaries)

    def __repr__(self) -> str:
        names = ", ".join(cut(run.name, SHOWN) for run in self[:NAMED])
        more = ", ..." if len(self) > NAMED else ""
        return f"<RunList: {count(len(self), 'run')}{': ' if names else ''}{names}{more}>"

    def _repr_html_(self) -> str:
        table = self.to_frame().map(lambda cell: "" if cell is None else _shown(cell))
        return str(table.to_html(escape=False))

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row for each run, indexed by the directory's name."""
        rows = [_row(run) for run in self]
        columns = list(_row(RunSummary(Path("none"), DAMAGED)))
        return pd.DataFrame(rows, columns=columns).set_index("name")


def runs(directory: str | os.PathLike[str] = RUNS) -> RunList:
    """Return the runs in a directory, oldest first; of the directory of one run, that run.

    A damaged run is listed, too, with what is damaged. Nothing is changed on disk.

    Args:
        directory: Contains run directories.

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
            return _summary_of_version1(root, read_version1(root))
        return _summary_of(root, read_record(root))
    except (RunError, OSError, ValueError) as error:
        return RunSummary(root, DAMAGED, reason=words_of(error))


def _summary_of_version1(root: Path, run: RunContents) -> RunSummary:
    val = run.evaluation.val if run.evaluation else None
    return RunSummary(
        root,
        run.record.status,
        run.experiment.architecture,
        epochs=len(run.history.epochs),
        planned=run.experiment.training.epochs,
        val_accuracy=val.accuracy if val else None,
        val_interval=val.interval if val else None,
        seconds=run.history.seconds,
        id=run.record.id,
    )


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
