"""`learning_curve_result.json`: the points of a learning curve, so that a report can show it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from imgclass.errors import UsageError
from imgclass.execution.training_folder import keep_file
from imgclass.io.untrusted_files import exists
from imgclass.learning_curves.curve import LearningCurve
from imgclass.learning_curves.folder import CURVES, CurveRecord
from imgclass.learning_curves.points import CurvePoint
from imgclass.run.run import Run
from imgclass.serialization import dump_json, read_json

RESULT, FORMAT = "learning_curve_result.json", 1
MOST_FOLDERS = 200  # that are looked into
MOST_POINTS = 1000
MOST_IMAGES = 10**9


@dataclass(frozen=True, slots=True)
class KeptPoint:
    """One training; fields as in `CurvePoint`."""

    images: int
    correct: int
    n: int
    repeat: int

    def __post_init__(self) -> None:
        fits = 0 < self.images <= MOST_IMAGES and 0 <= self.correct <= self.n <= MOST_IMAGES
        if not fits or not self.n or self.repeat < 0:
            raise ValueError("expected numbers of images, of which at most all are correct.")


@dataclass(frozen=True, slots=True)
class KeptCurve:
    """The file; what it is of is said as in `CurveRecord`, the rest as in `LearningCurve`."""

    format: int
    fingerprint: str
    run: str
    points: tuple[KeptPoint, ...]
    guess: float
    finding: str


def keep_result(curve: LearningCurve, record: CurveRecord, folder: Path) -> None:
    """Write the points of a curve into its folder."""
    points = tuple(KeptPoint(p.images, p.correct, p.n, p.repeat) for p in curve.points)
    kept = KeptCurve(FORMAT, record.fingerprint, record.run, points, curve.guess, curve.finding)
    keep_file(folder / RESULT, dump_json(kept))


def find_curve(run: Run, *, places: tuple[Path, ...] = ()) -> LearningCurve | None:
    """Return the learning curve of a run, or one of its data; None if none is found.

    Args:
        run: Its curves were made from it, or from the same images.
        places: Folders of curves; by default `learning-curves` here, and beside the run's folder.
    """
    places = places or (CURVES, run.path.parent.parent / CURVES)
    found = [(path, kept) for path, kept in _kept(places) if _is_of(kept, run)]
    if not found:
        return None
    path, kept = next((each for each in found if each[1].run == run.record.id), found[0])
    points = [CurvePoint(p.images, p.correct, p.n, p.repeat) for p in kept.points]
    try:
        return LearningCurve(points, kept.guess, path, kept.finding)
    except UsageError:  # it has no points
        return None


def _is_of(kept: KeptCurve, run: Run) -> bool:
    known = run.record.fingerprint
    return kept.run == run.record.id or (bool(known) and kept.fingerprint == known)


def _kept(places: tuple[Path, ...]) -> Iterator[tuple[Path, KeptCurve]]:
    """Yield the curves in some folders; what cannot be read is passed over."""
    seen = dict.fromkeys(place.absolute() for place in places if place.is_dir())
    for place in seen:
        for folder in islice(sorted(place.iterdir()), MOST_FOLDERS):
            if not exists(folder / RESULT):
                continue
            try:
                kept = read_json(KeptCurve, folder / RESULT)
            except (OSError, ValueError):
                continue
            if kept.format == FORMAT and len(kept.points) <= MOST_POINTS:
                yield folder, kept
