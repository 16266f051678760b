"""Audit: every image of a data set read once, and what is wrong with it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from imgclass.audit.issues import ISSUES, Scores, look_scores, wrong_extension
from imgclass.audit.measurements import Measurement, measure
from imgclass.audit.problems import Problem, class_counts, find_problems
from imgclass.audit.tree import Entry, Tree, read_tree
from imgclass.data.duplicates.fingerprints import Prints
from imgclass.data.duplicates.pairs import DuplicatePair, Duplicates, label_conflicts
from imgclass.data.duplicates.search import THRESHOLD, find_duplicates
from imgclass.io.fs import FileSystem
from imgclass.io.workers.pool import run_jobs
from imgclass.io.workers.progress import Progress, Steps, following

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Audit:
    """What is wrong with a data set.

    Attributes:
        root: The data set's folder.
        table: One row an image: `path`, `split`, `label`, `width`, `height`, `format`, `fault`,
            `sha256`, and for each of `ISSUES` its `<issue>_score` in 0-1, low being bad, and its
            flag `is_<issue>_issue`.
        duplicates: Pairs of rows that show one picture, and their groups.
        problems: The problems of the data set as a whole.
        class_counts: Number of images of each class, by split; `""` if there are no splits.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from PIL import Image
        >>> with TemporaryDirectory() as root:
        ...     (Path(root) / "cat").mkdir()
        ...     Image.new("RGB", (8, 8)).save(Path(root) / "cat" / "1.png")
        ...     audit = Audit.of(root)
        >>> audit.summary["dark"], bool(audit.table["is_dark_issue"][0])
        (1, True)
    """

    root: Path
    table: "pd.DataFrame" = field(compare=False)
    duplicates: Duplicates
    problems: tuple[Problem, ...]
    class_counts: dict[str, dict[str, int]]

    @classmethod
    def of(
        cls,
        folder: str | os.PathLike[str],
        *,
        threshold: float = THRESHOLD,
        progress: Progress | None = None,
    ) -> Self:
        """Audit a folder of class folders, with or without splits.

        Args:
            folder: `<split>/<class>/<image>`, or `<class>/<image>`.
            threshold: The largest distance of near-duplicates, as in `find_duplicates`.
            progress: Called with the number of images read so far, and of all.

        Raises:
            DatasetError: There is no such folder, or no image in a class folder.
            MachineError: A folder in it cannot be read.
            InterruptedRunError: The user pressed Ctrl-C.
        """
        root = Path(folder)
        tree = read_tree(root)
        prints = Prints(len(tree.entries))
        with following(progress) as steps:
            steps.total = len(tree.entries)
            measurements = list(steps.count(_measured(root, tree, prints, steps)))
        hashes = [m.sha256 for m in measurements]
        duplicates = find_duplicates(prints.array, hashes=hashes, threshold=threshold)
        labels = [entry.label for entry in tree.entries]
        return cls(
            root=root,
            table=_table(tree, measurements, duplicates),
            duplicates=duplicates,
            problems=find_problems(tree, label_conflicts(duplicates, labels)),
            class_counts=class_counts(tree),
        )

    @property
    def summary(self) -> dict[str, int]:
        """Images with each issue, then the count of each problem; without zeros."""
        flags = {name: int(self.table[f"is_{name}_issue"].sum()) for name in ISSUES}
        flags |= {problem.name: problem.count for problem in self.problems}
        return {name: number for name, number in flags.items() if number}

    @property
    def leaks(self) -> tuple[DuplicatePair, ...]:
        """The pairs whose two images are in different splits, closest first."""
        return self._pairs_across("split")

    @property
    def label_conflicts(self) -> tuple[DuplicatePair, ...]:
        """The pairs whose two images have different labels, closest first."""
        return self._pairs_across("label")

    def worst(self, issue: str, most: int | None = None) -> "pd.DataFrame":
        """Return the rows with an issue, lowest score first.

        Args:
            issue: A key of `ISSUES`.
            most: How many at most; all if not given.
        """
        flagged = self.table[self.table[f"is_{issue}_issue"]]
        return flagged.sort_values([f"{issue}_score", "path"], kind="stable").head(
            len(flagged) if most is None else most
        )

    def _pairs_across(self, column: str) -> tuple[DuplicatePair, ...]:
        values = self.table[column].tolist()
        return tuple(pair for pair in self.duplicates.pairs if values[pair.a] != values[pair.b])


def _measured(root: Path, tree: Tree, prints: Prints, steps: Steps) -> Iterator[Measurement]:
    """Yield each image's measurement, and write its fingerprint into `prints`."""
    paths = [(str(root / entry.path),) for entry in tree.entries if not entry.obstacle]
    results = run_jobs(measure, paths, files=FileSystem(), steps=steps)
    for index, entry in enumerate(tree.entries):
        if entry.obstacle:
            yield Measurement(fault=f"it is {entry.obstacle}, not a regular file")
            continue
        measured = Measurement(*next(results))
        prints.keep(index, measured.fingerprint)
        yield replace(measured, fingerprint="")


def _table(tree: Tree, measurements: list[Measurement], duplicates: Duplicates) -> "pd.DataFrame":
    import pandas as pd

    columns: dict[str, object] = {
        # With PyArrow installed, pandas's own text refuses names that are no UTF-8.
        "path": np.array([entry.path for entry in tree.entries], dtype=object),
        "split": [entry.split for entry in tree.entries],
        "label": np.array([entry.label for entry in tree.entries], dtype=object),
        "width": [m.width for m in measurements],
        "height": [m.height for m in measurements],
        "format": [m.format for m in measurements],
        "fault": [m.fault for m in measurements],
        "sha256": [m.sha256 for m in measurements],
    }
    scores = look_scores(measurements) | _pair_scores(tree.entries, duplicates)
    named = zip(tree.entries, measurements, strict=True)
    scores["wrong_extension"] = np.array(
        [float(not wrong_extension(entry.path, m.format)) for entry, m in named]
    )
    columns |= {f"{name}_score": scores[name] for name in ISSUES}
    columns |= {
        f"is_{name}_issue": scores[name] < issue.threshold for name, issue in ISSUES.items()
    }
    return pd.DataFrame(columns)


def _pair_scores(entries: tuple[Entry, ...], duplicates: Duplicates) -> dict[str, Scores]:
    """Return the scores from comparing images: 1 without a counterpart."""
    exact, near, leak = (np.ones(len(entries)) for _ in range(3))
    for pair in duplicates.pairs:
        for index in (pair.a, pair.b):
            if pair.is_exact:
                exact[index] = 0
            else:
                near[index] = min(near[index], pair.distance)
    for group in duplicates.groups:
        if len({entries[index].split for index in group}) > 1:
            leak[list(group)] = 0
    return {"exact_duplicate": exact, "near_duplicate": near, "leak": leak}
