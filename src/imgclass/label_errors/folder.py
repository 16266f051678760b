"""The folder of a search: what was asked for, a run directory for each fold, the table, the page.

A search that is asked for again goes on in its folder; one of something else is refused.
"""

from dataclasses import dataclass
from pathlib import Path

from imgclass.execution.training_folder import open_folder
from imgclass.experiment import Experiment

SEARCHES = Path("label-errors")
RECORD, TABLE, PAGE = "label_errors.json", "label_errors.csv", "label_errors.html"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class SearchRecord:
    """What a search is of.

    Attributes:
        format: Of the file.
        fingerprint: Of the data set.
        folds: Number of folds.
        seed: Of the folds.
        experiment: What is trained on each.
    """

    format: int
    fingerprint: str
    folds: int
    seed: int
    experiment: Experiment


def open_search(path: Path, asked: SearchRecord) -> None:
    """Make the folder of a search, or find that of the same one; see `open_folder`."""
    open_folder(path / RECORD, asked, what="search for label errors", difference=_difference)


def _difference(_: SearchRecord, __: SearchRecord) -> str:
    return "other images, folds or settings"
