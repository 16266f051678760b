"""The folder of a learning curve: what was asked for, a run directory for each training, pictures.

A curve that is asked for again goes on in its folder; one of something else is refused.
"""

from dataclasses import dataclass
from pathlib import Path

from imgclass.execution.training_folder import open_folder
from imgclass.experiment import Experiment
from imgclass.formatting import setting

CURVES = Path("learning-curves")
RECORD, PICTURE, DRAWING = "learning_curve.json", "learning_curve.png", "learning_curve.svg"
PAGE = "learning_curve.html"
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
    """Make the folder of a curve, or find one of the same curve; see `open_folder`."""
    open_folder(path / RECORD, asked, what="learning curve", difference=_difference)


def _difference(known: CurveRecord, asked: CurveRecord) -> str:
    if known.format != asked.format:
        return f"format {known.format}, and this imgclass writes {asked.format}"
    if known.fingerprint != asked.fingerprint:
        return "other images"
    if known.run != asked.run:
        return "another run" if known.run else "a data set, not of a run"
    name, (old, new) = next(iter(asked.experiment.changes_from(known.experiment).items()))
    return f"{name.rpartition('.')[2]} {setting(old)}, not {setting(new)}"
