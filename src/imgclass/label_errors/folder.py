"""The folder of a search: what was asked for, a run directory for each fold, the table, the page.

A search that is asked for again goes on in its folder; one of something else is refused.
"""

from dataclasses import dataclass
from pathlib import Path

from imgclass.errors import RunError, UsageError
from imgclass.experiment import Experiment
from imgclass.io.os_errors import machine_errors
from imgclass.io.untrusted_files import exists
from imgclass.run.directory import FILES
from imgclass.serialization import dump_json, read_json

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
    """Make the folder of a search, or find that of the same one.

    Raises:
        UsageError: The folder has other files, or is of another search.
        RunError: Its record is damaged.
    """
    if not exists(path / RECORD):
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise UsageError(
                f"Expected a new folder for the trainings, or that of an earlier search; received "
                f"{path}, which has other files. Choose another (--out)."
            )
        with machine_errors(path):
            FILES.make_directories(str(path))
        write(path / RECORD, dump_json(asked))
        return
    try:
        known = read_json(SearchRecord, path / RECORD)
    except (OSError, ValueError) as error:
        raise RunError(f"Expected the record of a search for label errors: {error}") from error
    if known != asked:
        raise UsageError(
            f"Expected to go on with the search in {path}; that is of other images, folds or "
            f"settings. Ask for the same, or choose another folder (--out)."
        )


def write(path: Path, content: str) -> None:
    """Write a file whole or not at all."""
    with machine_errors(path):
        FILES.write_whole(str(path), content.encode("utf-8", "surrogateescape"))
