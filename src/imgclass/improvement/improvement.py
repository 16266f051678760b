"""Improvement: the folder of the loop as a value, with its best run."""

import html
import os
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from imgclass.errors import RunError
from imgclass.formatting import count, percent
from imgclass.improvement.lineage import Lineage, Step, read_lineage
from imgclass.run import Run


@dataclass(frozen=True, slots=True, repr=False)
class Improvement:
    """What `improve` tried, and what came of it; read from its folder, finished or not.

    Attributes:
        path: The folder, absolute.
        lineage: Every step, in order.

    Example:
        >>> Improvement.load("no/folder")
        Traceback (most recent call last):
        imgclass.errors.RunError: Expected a folder that `imgclass improve` made; no/folder has ...
    """

    path: Path = field(compare=False)
    lineage: Lineage

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Improvement":
        """Read the folder `path`.

        Raises:
            RunError: No improvement is there, or its file is damaged.
        """
        return cls(Path(path).absolute(), read_lineage(path))

    @property
    def steps(self) -> tuple[Step, ...]:
        """The start, and every change that was carried out."""
        return self.lineage.steps

    @property
    def best(self) -> Run:
        """The best run.

        Raises:
            RunError: The first one has not ended yet, or the run cannot be read.
        """
        if self.lineage.best is None:
            raise RunError(
                f"Expected a run with scores; the first one has none yet. Go on: imgclass improve "
                f"{self.path}."
            )
        return Run.load(self.path / self.lineage.best.run)

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row for each step, indexed by its run."""
        return pd.DataFrame([_row(step) for step in self.steps]).set_index("run")

    def __repr__(self) -> str:
        best = self.lineage.best
        accuracy = percent(best.val_accuracy) if best else "unknown"
        return (
            f"<Improvement {self.path.name}: {count(self.lineage.rounds, 'change')} tried, "
            f"val {accuracy}; {self.lineage.ended or 'not ended'}>"
        )

    def _repr_html_(self) -> str:
        table = self.to_frame().map(lambda cell: "" if cell is None else html.escape(str(cell)))
        return str(table.to_html(escape=False))


def _row(step: Step) -> dict[str, object]:
    idea, observed = step.idea, step.observed
    expected = idea.recommendation.expected if idea else None
    low, high = observed.interval if observed else (None, None)
    return {
        "run": step.run,
        "parent": step.parent,
        "finding": idea.finding if idea else "",
        "changes": ", ".join(step.changes),
        "expected": expected.gain if expected else None,
        "observed": observed.difference if observed else None,
        "observed_low": low,
        "observed_high": high,
        "p_value": observed.p_value if observed else None,
        "verdict": step.verdict,
        "val_accuracy": step.val_accuracy,
        "seconds": step.seconds,
        "note": step.note,
    }
