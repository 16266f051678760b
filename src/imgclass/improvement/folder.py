"""The folder of an improvement: made for a data set or a run, or opened to go on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.diagnosis.evidence import TARGET_ACCURACY
from imgclass.errors import RunError, UsageError
from imgclass.execution.completion import open_data
from imgclass.experiment import Experiment
from imgclass.improvement.lineage import FILE, FORMAT, Lineage, Step, read_lineage, write_lineage
from imgclass.io.fs import FileSystem
from imgclass.io.lock import held_lock
from imgclass.io.os_errors import machine_errors
from imgclass.io.untrusted_files import exists
from imgclass.run import Run
from imgclass.run.record import FILE as RUN_FILE

IMPROVEMENTS = Path("improvements")
LOCK = ".lock"

Source = ImageFolder | Run | str | os.PathLike[str]


def open_improvement(
    source: Source,
    experiment: Experiment | None,
    *,
    out: str | os.PathLike[str] | None,
    target_accuracy: float | None,
) -> tuple[Path, ImageFolder]:
    """Return the folder with its lineage, and the data set.

    Args:
        source: A data set, a run, or the folder of an improvement.
        experiment: The first one, for a data set.
        out: A new folder; None takes the next free name.
        target_accuracy: In 0-1; None takes the usual one, or that of the improvement.

    Raises:
        UsageError: `out` or `experiment` is given beside something that has its own.
        RunError: `out` exists, or a run was not diagnosed.
        DatasetError: There is no data set.
    """
    if not isinstance(source, ImageFolder | Run) and exists(Path(source) / FILE):
        _require_none(source, out=out, experiment=experiment)
        root, lineage = Path(source).absolute(), read_lineage(source)
        if target_accuracy is not None and target_accuracy != lineage.target_accuracy:
            raise UsageError(
                f"Expected the target accuracy {lineage.target_accuracy:g}, with which {source} "
                f"was begun; received {target_accuracy:g}. Start a new one from its best run."
            )
        return root, _data_of(root, lineage)
    steps: tuple[Step, ...] = ()
    target = TARGET_ACCURACY if target_accuracy is None else target_accuracy
    if isinstance(source, Run) or (
        not isinstance(source, ImageFolder) and exists(Path(source) / RUN_FILE)
    ):
        run = source if isinstance(source, Run) else Run.load(source)
        _require_none(run.path, experiment=experiment)
        data = open_data(run, None)
        val, first = run.evaluation.val, str(run.path)
        run.diagnosis  # noqa: B018 - a run without one says what to do
        start = Step(
            first,
            is_chosen=True,
            verdict="start",
            val_accuracy=val.accuracy,
            val_interval=val.interval,
        )
        steps, name = (start,), run.path.name
    else:
        data = source if isinstance(source, ImageFolder) else ImageFolder.open(source)
        name = data.root.absolute().name
    root = _made(out, name)
    lineage = Lineage(
        FORMAT, str(data.root.absolute()), target, experiment or Experiment(), steps=steps
    )
    write_lineage(lineage, root)
    return root, data


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, so that only one process at a time goes on with it."""
    lock = folder / LOCK
    with machine_errors(lock), held_lock(str(lock), FileSystem()):
        yield
    with suppress(OSError):
        lock.unlink(missing_ok=True)


def _data_of(root: Path, lineage: Lineage) -> ImageFolder:
    """Open the data set as the first run had it, so that no image changes its split."""
    first = root / lineage.best.run if lineage.best else root
    if exists(first / RUN_FILE):
        return open_data(Run.load(first), None)
    return ImageFolder.open(lineage.data)


def _require_none(source: object, **given: object) -> None:
    for name, value in given.items():
        if value is not None:
            raise UsageError(
                f"Expected no {name} beside {source}, which has its own; received both. Leave one "
                f"out."
            )


def _made(out: str | os.PathLike[str] | None, name: str) -> Path:
    """Make the folder, which reserves its name."""
    names = (IMPROVEMENTS / f"{name}-{number}" for number in count(1))
    for root in names if out is None else iter((Path(out),)):
        with machine_errors(root):
            root.parent.mkdir(parents=True, exist_ok=True)
            try:
                root.mkdir()
            except FileExistsError:
                if out is None:
                    continue
                raise RunError(
                    f"Expected a new folder; {out} exists. To go on with an improvement: imgclass "
                    f"improve {out}. Otherwise choose another (--out)."
                ) from None
        return root.absolute()
    raise AssertionError("the names do not end")
