"""Runs side by side, best first: which of them are not told apart, and what each one cost."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from imgclass.data.manifest import Split
from imgclass.formatting import count, cut, duration, percent, percent_range
from imgclass.run.ranked_run import LONGEST, LeftOutRun, RankedRun
from imgclass.run.test_looks import Looks

NAMED = 3  # runs that a sentence names


@dataclass(frozen=True, slots=True, repr=False)
class Leaderboard:
    """Runs by accuracy, best first; `imgclass.leaderboard` makes it.

    Every other run is tested against the best one on the same images, by McNemar's test. The
    p-values are corrected by Holm's method for all pairs of runs: the best one was found by looking
    at the scores, so the test might have been of any two. Runs that are not told apart from the
    best share its rank.

    Attributes:
        runs: Best first.
        split: The images that the runs are compared on.
        left_out: Runs that cannot be compared with the best one.
        looks: How often the test scores of these runs were looked at; None if they are not shown.

    Example:
        >>> from pathlib import Path
        >>> best = RankedRun(Path("runs/cnn-1"), "cnn-1", 1, 0.9, (0.88, 0.92), 1000, 0.9)
        >>> board = Leaderboard((best,))
        >>> board
        <Leaderboard: 1 run by val accuracy, best: cnn-1 90.0 % (88.0 to 92.0 %)>
        >>> board.to_frame()[["rank", "accuracy", "n"]]
               rank  accuracy     n
        name
        cnn-1     1       0.9  1000
    """

    runs: tuple[RankedRun, ...]
    split: Split = "val"
    left_out: tuple[LeftOutRun, ...] = ()
    looks: Looks | None = None

    def __len__(self) -> int:
        return len(self.runs)

    def __iter__(self) -> Iterator[RankedRun]:
        return iter(self.runs)

    @property
    def best(self) -> RankedRun:
        """The run with the highest accuracy."""
        return self.runs[0]

    @property
    def first(self) -> tuple[RankedRun, ...]:
        """The best run and those that are not told apart from it, best first."""
        return tuple(run for run in self.runs if run.is_first)

    @property
    def verdict(self) -> str:
        """Which run is best, or which ones are not told apart, in one or two sentences."""
        best, first = cut(self.best.name, LONGEST), self.first
        if len(self) == 1:
            return f"There is no other run to compare {best} with."
        if len(first) == 1:
            return f"{best} is better than {_all_others(len(self))}, by more than luck."
        cheapest = min(first, key=lambda run: run.seconds)
        return (
            f"{_enumerated([run.name for run in first])} are not told apart by these {self.split} "
            f"images. {cut(cheapest.name, LONGEST)} took the least time to fit, "
            f"{duration(cheapest.seconds)}."
        )

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The board as text: a row of headings, then one for each run."""
        cells = [self._cells(run) for run in self.runs]
        return (tuple(cells[0]), *(tuple(row.values()) for row in cells))

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row for each run, indexed by its name, best first.

        `difference` is the accuracy minus that of the best run on the images that both were scored
        on, in -1 to 1; `p_value` is corrected.
        """
        return pd.DataFrame(map(_row, self.runs)).set_index("name")

    def __repr__(self) -> str:
        tied = f", {len(self.first)} not told apart" * (len(self.first) > 1)
        best = f"{cut(self.best.name, LONGEST)} {percent(self.best.accuracy)}"
        looked = f", looked at {count(self.looks.count, 'time')}" if self.looks else ""
        return (
            f"<Leaderboard: {count(len(self), 'run')} by {self.split} accuracy{looked}{tied}, "
            f"best: {best} ({percent_range(self.best.interval)})>"
        )

    def _repr_html_(self) -> str:
        headings, *rows = self.rows
        table = _html_row(headings, "th") + "".join(_html_row(row, "td") for row in rows)
        warning = self.looks.warning if self.looks else ""
        notes = filter(None, (self.verdict, *map(str, self.left_out), warning))
        return f"<table>{table}</table>" + "".join(f"<p>{html.escape(note)}</p>" for note in notes)

    def _cells(self, run: RankedRun) -> dict[str, str]:
        val = {} if self.split == "val" else {"val accuracy": percent(run.val_accuracy)}
        return {
            "rank": str(run.rank),
            "run": cut(run.name, LONGEST),
            f"{self.split} accuracy": percent(run.accuracy),
            "95 % interval": percent_range(run.interval),
            **val,
            "points from the best": run.against_best,
            "p": run.shown_p,
            **run.cost,
        }


def _html_row(cells: Sequence[str], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells)}</tr>"


def _all_others(n: int) -> str:
    return "the other run" if n == len(("best", "other")) else f"the {n - 1:,} other runs"


def _enumerated(names: Sequence[str]) -> str:
    """Return names as `a, b and c`; of many the first two, and how many more there are."""
    shown = [cut(name, LONGEST) for name in names]
    if len(shown) > NAMED:
        shown = [*shown[: NAMED - 1], f"{len(names) - NAMED + 1:,} more runs"]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _row(run: RankedRun) -> dict[str, Any]:
    return {
        "name": run.name,
        "rank": run.rank,
        "accuracy": run.accuracy,
        "low": run.interval[0],
        "high": run.interval[1],
        "n": run.n,
        "difference": run.comparison.difference if run.comparison else 0.0,
        "p_value": run.p_value,
        "val_accuracy": run.val_accuracy,
        "architecture": run.architecture,
        "seconds": run.seconds,
        "epochs": run.epochs,
        "train_images": run.train_images,
        "parameters": run.parameters,
        "path": str(run.path),
    }
