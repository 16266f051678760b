"""The folder of a learning curve: what was asked for, a run directory for each training, pictures.

A curve that is asked for again goes on in its folder; one of something else is refused.
"""

from dataclasses import dataclass
from pathlib import Path

from imgclass.errors import RunError, UsageError
from imgclass.experiment import Experiment
from imgclass.formatting import setting
from imgclass.io.os_errors import machine_errors
from imgclass.io.untrusted_files import exists
from imgclass.run import directory
from imgclass.serialization import dump_json, read_json

CURVES = Path("learning-curves")
RECORD, PICTURE, DRAWING = "learning_curve.json", "learning_curve.png", "learning_curve.svg"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class CurveRecord:
    """What a learning curve is of.

    Attributes:
        format: Of the file.
        fingerprint: Of the whole data set.
        run: The id of the run that is the whole; empty if the whole is trained here.
        experiment: What was asked for.
    """

    format: int
    fingerprint: str
    run: str
    experiment: Experiment


def open_curve(path: Path, asked: CurveRecord) -> None:
    """Make the folder of a curve, or find one of the same curve.

    Raises:
        UsageError: The folder has other files, or is of another curve; the message says which.
        RunError: Its record is damaged.
    """
    if not exists(path / RECORD):
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise UsageError(
                f"Expected a new folder for the learning curve, or that of an earlier one; "
                f"received {path}, which has other files. Choose another (--out)."
            )
        with machine_errors(path):
            directory.FILES.make_directories(str(path))
        write(path / RECORD, dump_json(asked).encode())
        return
    try:
        known = read_json(CurveRecord, path / RECORD)
    except (OSError, ValueError) as error:
        raise RunError(f"Expected the record of a learning curve: {error}") from error
    if known != asked:
        raise UsageError(
            f"Expected to go on with the learning curve in {path}; that is of "
            f"{_other(known, asked)}. Ask for the same, or choose another folder (--out)."
        )


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    with machine_errors(path):
        directory.FILES.write_whole(str(path), content)


def _other(known: CurveRecord, asked: CurveRecord) -> str:
    if known.format != asked.format:
        return f"format {known.format}, and this imgclass writes {asked.format}"
    if known.fingerprint != asked.fingerprint:
        return "other images"
    if known.run != asked.run:
        return "another run" if known.run else "a data set, not of a run"
    name, (old, new) = next(iter(asked.experiment.changes_from(known.experiment).items()))
    return f"{name.rpartition('.')[2]} {setting(old)}, not {setting(new)}"
