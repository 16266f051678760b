"""`run.json`: what identifies a run, how it was made, and how far it came."""

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
    """A run was resumed with a changed recipe, or on another node of a cluster.

    Attributes:
        after: Number of whole epochs before it.
        reason: Why the run had ended before.
        changes: Changed fields of the experiment, each with its value before and after; none if
            only the node changed.
    """

    after: int
    reason: str
    changes: Mapping[str, tuple[str, str]] = field(hash=False)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What identifies a run, how it was made, and how far it came.

    Attributes:
        format: Of the directory; 1 is that of imgclass 0.1.0.
        id: Identifies the run, also after its directory was moved or copied.
        status: `running`, `interrupted`, `failed` or `finished`.
        stage: The present or last one: `preparing`, `training`, `evaluating`, `diagnosing`, `done`.
        data: The data set's folder, absolute.
        class_names: In the order of the model's outputs.
        started: In UTC, as ISO 8601.
        reason: Why it was interrupted or failed; empty otherwise.
        ended: Likewise in UTC; empty while it runs.
        command: The command line that started the process.
        fingerprint: Of the data set: SHA-256 over every image's path, class, split and hash.
        origin: The package that the architecture comes from; None if unknown.
        parent: The id of the run whose recommendation it follows; empty for none.
        environment: Versions, processor and precision.
        best_epoch: Epoch of the kept weights, from 0; None if none was completed.
        stopped_early: Whether patience ran out before the last epoch.
        seconds: Wall time of fitting.
        advice: After a failure with a known remedy: fields of the recipe, and values to try.
        resumptions: Those with a changed recipe.
        stage_seconds: Wall time of each stage that is over, by its name.
        choices: What was left open and chosen from the data, with the reason, one sentence each.
        data_notices: What was said of the data set: how it was split, what is ignored; one sentence
            each.
        budget: Seconds that the whole run was given; None if there was no limit.
        small_sample: Correct images, and all, of a network trained on a few images alone; None if
            that was not tried.

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
    stage_seconds: Mapping[str, float] = field(default_factory=dict, hash=False)
    choices: tuple[str, ...] = ()
    data_notices: tuple[str, ...] = ()
    budget: float | None = None
    small_sample: tuple[int, int] | None = None


def history_of(known: RunRecord, epochs: Sequence[Epoch]) -> History:
    """Return the history that a record and these epochs make."""
    return History(
        tuple(epochs),
        known.best_epoch,
        stopped_early=known.stopped_early,
        # A training that ended early did not record its time.
        seconds=known.seconds or sum(epoch.seconds for epoch in epochs),
    )
