"""learning_curve: train on parts of the training images, each in a run directory of its own."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.errors import UsageError
from imgclass.execution.completion import open_data, open_run
from imgclass.execution.once import run_once
from imgclass.execution.training_folder import keep_file
from imgclass.experiment import Experiment
from imgclass.io.untrusted_files import exists
from imgclass.learning_curves.curve import LearningCurve
from imgclass.learning_curves.folder import (
    CURVES,
    DRAWING,
    FORMAT,
    PAGE,
    PICTURE,
    CurveRecord,
    open_curve,
)
from imgclass.learning_curves.html import render_curve
from imgclass.learning_curves.kept import keep_result
from imgclass.learning_curves.parts import PARTS, part_of, part_sizes
from imgclass.learning_curves.picture import render
from imgclass.learning_curves.points import CurvePoint
from imgclass.learning_curves.recipe import for_part
from imgclass.learning_curves.steps import Steps
from imgclass.run.fingerprint import fingerprint
from imgclass.run.record import FILE
from imgclass.run.run import Run


def learning_curve(
    data: Run | ImageFolder | str | os.PathLike[str],
    experiment: Experiment | None = None,
    *,
    parts: Sequence[float] = PARTS,
    repeats: int = 1,
    out: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> LearningCurve:
    """Train on parts of the training images, and fit what more of them would bring.

    The whole is trained first, unless `data` is a finished run. The parts take over what it chose,
    and have as many steps. Val is the same for all. Each training is a run directory in one folder.
    After a kill the same call goes on there, and it may ask for further parts or repeats.

    Args:
        data: A data set; or a run, whose data, experiment and val score are taken.
        experiment: What to train; the defaults if not given. Not beside a run.
        parts: Shares of the training images, above 0 and at most 1; the whole is always one.
        repeats: Trainings of each part, each with other images and another seed.
        out: The folder; `learning-curves/<name of data>` if not given.
        progress: Whether to show progress on standard error.

    Raises:
        UsageError: A part is too small, the run is not finished, or the folder is of another curve.
        ImgclassError: As for `run_experiment`; what is finished is kept.

    Example:
        >>> learning_curve("no/data")
        Traceback (most recent call last):
        imgclass.errors.DatasetError: Expected a folder of images at 'no/data'; there is no folder.
    """
    if repeats < 1:
        raise UsageError(f"Expected repeats >= 1; received {repeats}.")
    source = _opened(data)
    if isinstance(source, Run):
        given, folder, asked, name = source, *_of_run(source, experiment), source.path.name
    else:
        given, folder, asked = None, source, experiment or Experiment()
        name = source.root.resolve().name
    sizes = part_sizes(parts, folder.manifest)
    path = Path(out) if out is not None else CURVES / name
    run_id = given.record.id if given else ""
    record = CurveRecord(FORMAT, fingerprint(folder.manifest), run_id, asked)
    open_curve(path, record)

    console = Console(stderr=True, quiet=not progress, highlight=False, soft_wrap=True)
    steps = Steps(path, total=len(sizes) * repeats, console=console)
    whole = sizes[-1]
    if given is None:
        place = path / _name(whole, 0)
        first = steps.take(whole, partial(run_once, place, folder, asked, progress=progress))
    else:
        first = given
        steps.add(given)
    points = [_point(whole, 0, first)]
    plan = [(size, repeat) for repeat in range(repeats) for size in sizes]
    for size, repeat in plan:
        if (size, repeat) != (whole, 0):
            made = steps.take(size, partial(_trained_part, path, folder, first, size, repeat))
            points.append(_point(size, repeat, made))
    val = folder.manifest.class_counts("val")
    guess = max(val.values()) / sum(val.values())
    curve = LearningCurve(points, guess, path, first.diagnosis.verdict.name)
    for file, content in ((PICTURE, render(curve, "png")), (DRAWING, render(curve, "svg"))):
        keep_file(path / file, content)
    keep_result(curve, record, path)
    keep_file(path / PAGE, render_curve(curve, name))
    return curve


def _opened(data: Run | ImageFolder | str | os.PathLike[str]) -> Run | ImageFolder:
    if isinstance(data, Run | ImageFolder):
        return data
    return Run.load(data) if exists(Path(data) / FILE) else ImageFolder.open(data)


def _of_run(run: Run, experiment: Experiment | None) -> tuple[ImageFolder, Experiment]:
    """Return the data and the experiment of a finished run."""
    if experiment is not None:
        raise UsageError(
            f"Expected no experiment beside a run, which has its own; received both. To train "
            f"another, give the data set instead: {run.data}."
        )
    if open_run(run).status != "finished":
        raise UsageError(f"Expected a finished run for a learning curve. {run.standing}")
    return open_data(run, None), run.experiment


def _trained_part(path: Path, folder: ImageFolder, first: Run, size: int, repeat: int) -> Run:
    """Train on `size` of the images, as the whole was trained."""
    whole, seed = folder.counts["train"], first.experiment.training.seed
    part = folder if size == whole else part_of(folder, size, seed=seed + repeat)
    recipe = for_part(first.experiment, whole=whole, part=size, repeat=repeat)
    return run_once(path / _name(size, repeat), part, recipe, progress=False)


def _name(size: int, repeat: int) -> str:
    """Return the name of a run directory.

    Example:
        >>> _name(500, 0), _name(500, 1)
        ('500-images', '500-images-2')
    """
    return f"{size}-images{f'-{repeat + 1}' if repeat else ''}"


def _point(size: int, repeat: int, run: Run) -> CurvePoint:
    val = run.evaluation.val
    return CurvePoint(size, val.correct, val.n, repeat, run.path)
