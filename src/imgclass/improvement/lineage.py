"""Lineage: every change that was tried, from which run, what was expected and what came of it."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from imgclass.diagnosis.diagnosis import Recommendation
from imgclass.errors import RunError
from imgclass.evaluation import Comparison
from imgclass.experiment import Experiment
from imgclass.io.fs import FileSystem
from imgclass.io.os_errors import machine_errors
from imgclass.io.untrusted_files import exists
from imgclass.serialization import dump_json, read_json
from imgclass.statistics import Interval

FORMAT = 1
FILE = "lineage.json"

Verdict = Literal["start", "trying", "kept", "rejected", "failed"]


@dataclass(frozen=True, slots=True)
class Idea:
    """A change that may help.

    Attributes:
        finding: The verdict that it answers, such as `high_bias`.
        recommendation: The change, its reason and the whole experiment.
        short_run: Directory of its short fit, below the folder; empty if there is none.
        short_accuracy: Val accuracy after that, in 0-1; None before.
        short_seconds: Its wall time.
    """

    finding: str
    recommendation: Recommendation
    short_run: str = ""
    short_accuracy: float | None = None
    short_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """One change, carried out.

    Attributes:
        run: Directory of the run: its name below the folder, or an absolute path.
        parent: That of the run that was changed; empty for the start.
        ideas: The changes that were thought of; the one that was carried out is the first, once
            `is_chosen`.
        is_chosen: Whether the short fits are over, or were not needed.
        verdict: `start`, `trying`, `kept`, `rejected` or `failed`.
        observed: The run against its parent on the same val images; None before that.
        val_accuracy: Of the run, in 0-1; None before it is known.
        val_interval: Its 95 % interval.
        seconds: Wall time of the step, with its short fits.
        note: Why it failed; empty otherwise.
    """

    run: str
    parent: str = ""
    ideas: tuple[Idea, ...] = ()
    is_chosen: bool = False
    verdict: Verdict = "trying"
    observed: Comparison | None = None
    val_accuracy: float | None = None
    val_interval: Interval | None = None
    seconds: float = 0.0
    note: str = ""

    @property
    def idea(self) -> Idea | None:
        """The change that was carried out; None for the start, or while it is not chosen."""
        return self.ideas[0] if self.ideas and self.is_chosen else None

    @property
    def changes(self) -> tuple[str, ...]:
        """What was changed, a phrase each."""
        return self.idea.recommendation.changes if self.idea else ()


@dataclass(frozen=True, slots=True)
class Lineage:
    """All steps, in order.

    Attributes:
        format: Of the file.
        data: The data set's folder, absolute.
        target_accuracy: Val accuracy at which nothing more is tried, in 0-1.
        experiment: The first one, as it was asked for; unused if a run is the start.
        steps: The first is the start.
        seconds: Wall time that was used, over all processes.
        ended: Why nothing more is tried; empty while it goes on.
    """

    format: int
    data: str
    target_accuracy: float
    experiment: Experiment
    steps: tuple[Step, ...] = ()
    seconds: float = 0.0
    ended: str = ""

    @property
    def best(self) -> Step | None:
        """The last step that was kept; None before the start has a score."""
        good = [step for step in self.steps if step.verdict in ("start", "kept")]
        return good[-1] if good else None

    @property
    def open(self) -> Step | None:
        """The step that is being tried; None between two."""
        last = self.steps[-1] if self.steps else None
        return last if last is not None and last.verdict == "trying" else None

    @property
    def rounds(self) -> int:
        """Number of steps after the start that are over."""
        return sum(step.verdict in ("kept", "rejected", "failed") for step in self.steps)

    @property
    def tried(self) -> frozenset[tuple[str, ...]]:
        """The changes that were carried out, in words."""
        return frozenset(step.changes for step in self.steps if step.changes)

    def with_step(self, step: Step) -> "Lineage":
        """Return the lineage with a step added, or put in the place of the one of its run."""
        others = tuple(each for each in self.steps if each.run != step.run)
        return replace(self, steps=(*others, step))


def write_lineage(lineage: Lineage, folder: Path) -> None:
    """Write the file of a folder, whole or not at all."""
    with machine_errors(folder / FILE):
        FileSystem().write_whole(str(folder / FILE), dump_json(lineage).encode())


def read_lineage(folder: str | os.PathLike[str]) -> Lineage:
    """Read the file of a folder.

    Raises:
        RunError: There is none, it is damaged, or of another version.
    """
    path = Path(folder) / FILE
    if not exists(path):
        raise RunError(f"Expected a folder that `imgclass improve` made; {folder} has no {FILE}.")
    try:
        lineage = read_json(Lineage, path)
    except (OSError, ValueError) as error:
        raise RunError(f"Expected a lineage that can be read; {error}") from error
    if lineage.format != FORMAT:
        raise RunError(
            f"Expected format {FORMAT}; {path} has {lineage.format}. Install the imgclass that "
            f"made it, or a newer one."
        )
    return lineage
