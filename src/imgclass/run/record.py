"""What identifies a run and says how far it came: `run.json`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from imgclass.entry_points import Origin
from imgclass.training.history import Epoch, History

FORMAT = 2
FILE = "run.json"

Status = Literal["running", "interrupted", "failed", "finished"]
Stage = Literal["preparing", "training", "evaluating", "diagnosing", "done"]


@dataclass(frozen=True, slots=True)
class Resumption:
    """A run was gone on with under another recipe.

    Attributes:
        after: Whole epochs before it.
        reason: Why the run had ended before.
        changes: What of the experiment is another now: its value before, and since.
    """

    after: int
    reason: str
    changes: Mapping[str, tuple[str, str]] = field(hash=False)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What identifies a run, how it was made, and how far it came.

    Attributes:
        format: Of the directory; 1 is that of imgclass 0.1.0.
        id: Tells a run from every other, also when its directory is moved or copied.
        status: `running`, `interrupted`, `failed` or `finished`.
        stage: What it does, or did when it ended: `preparing`, `training`, `evaluating`,
            `diagnosing`, or `done`.
        data: The data set's folder, absolute.
        class_names: In the order of the model's outputs.
        started: When, in UTC, as ISO 8601.
        reason: Why it was interrupted or failed; empty otherwise.
        ended: When, likewise; empty while it runs.
        command: The words that started the process.
        fingerprint: Of the data set: SHA-256 over every image's path, class, split and hash.
        origin: The package that brought the architecture; None where that is not known.
        parent: The id of the run whose recommendation it follows; empty for none.
        environment: Versions, processor and precision.
        best_epoch: Position in the history of the weights that were kept, from 0; None before.
        stopped_early: Whether patience ran out before the last epoch.
        seconds: Wall time of fitting.
        advice: Fields of the recipe with values that should help, after a failure that knows some.
        resumptions: Each time that it was gone on with under another recipe.

    Example:
        >>> RunRecord(2, "3f", "finished", "done", "/data", ("cat", "dog")).status
        'finished'
    """

    format: int
    id: str
    status: Status
    stage: Stage
    data: str
    class_names: tuple[str, ...]
    started: str = ""
    reason: str = ""
    ended: str = ""
    command: tuple[str, ...] = ()
    fingerprint: str = ""
    origin: Origin | None = None
    parent: str = ""
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)
    best_epoch: int | None = None
    stopped_early: bool = False
    seconds: float = 0.0
    advice: Mapping[str, Any] = field(default_factory=dict, hash=False)
    resumptions: tuple[Resumption, ...] = ()


def history_of(known: RunRecord, epochs: Sequence[Epoch]) -> History:
    """Return what happened, of a run that has come so far."""
    return History(
        tuple(epochs),
        known.best_epoch,
        stopped_early=known.stopped_early,
        # Of a training that ended early nobody took the time.
        seconds=known.seconds or sum(epoch.seconds for epoch in epochs),
    )
