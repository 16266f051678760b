"""What must be there of a run: all of it where it ended well, else what was finished."""

import math
from collections.abc import Container
from pathlib import Path

from benchmarks.robustness.trials import require
from imgclass import Run, evaluate_run, runs
from imgclass.errors import RunError

MODEL, RECORD, LOCK = "model.keras", "run.json", ".lock"
# Between the loss that training saw and the one of the model's file, both in float32.
LOSS_TOLERANCE = 1e-4


def require_whole(folder: Path, data: Path, number: int) -> None:
    """Require that a folder holds so many finished runs, each with an id and a model of its own."""
    names = sorted(path.name for path in folder.iterdir())
    expected = sorted(f"cnn-{i + 1}" for i in range(number))
    require(names == expected, f"expected {expected}; found {names}")
    found = [Run.load(folder / name) for name in names]
    require(len({run.record.id for run in found}) == number, "two runs have one id")
    for run in found:
        require(run.status == "finished", run.standing)
        require(run.evaluation.val.n, "it has no scores")
        require(run.diagnosis.findings, "it has no diagnosis")
        require_prediction(run, data)
        require_tidy(run.path)
    listed = {run.status for run in runs(folder)}
    require(listed == {"finished"}, f"listed as {sorted(listed)}")


def require_kept(
    path: Path, data: Path, *, epochs: int, statuses: Container[str], is_over: bool
) -> bool:
    """Require what must be left of a training that ended early; return whether there is a model.

    Args:
        path: Its run directory.
        data: The data set.
        epochs: Finished before it ended.
        statuses: Those that it may have.
        is_over: Whether nothing was to be trained any more, so that scoring it makes it whole.
    """
    if epochs == 0 and not (path / RECORD).exists():
        _require_no_run(path)
        return False
    run = Run.load(path)
    require(run.status in statuses, run.standing)
    require(len(run.history.epochs) >= epochs, f"{run.standing} Expected {epochs} epochs.")
    listed = {summary.name: summary.status for summary in runs(path.parent)}
    require(listed == {path.name: run.status}, f"listed as {listed}")
    if epochs == 0 and not (path / MODEL).exists():
        return False
    require_prediction(run, data)
    scored = evaluate_run(run)
    require(_is_of_a_best_epoch(scored), f"the model is of another epoch than said: {run.standing}")
    require(scored.status == "finished" or not is_over, f"scored, but: {scored.standing}")
    return True


def require_prediction(run: Run, data: Path) -> None:
    """Require that a run's model answers."""
    [prediction] = run.predict(next(data.rglob("*.ppm")))
    require(prediction.top[0][0] in run.class_names, f"predicted {prediction}")


def require_tidy(path: Path) -> None:
    """Require that no half-written file is left in a run directory."""
    hidden = {entry.name for entry in path.iterdir() if entry.name.startswith(".")}
    require(hidden <= {LOCK}, f"left behind: {sorted(hidden)}")


def _require_no_run(path: Path) -> None:
    """Require that a directory without a record is taken for none, by whoever asks."""
    try:
        run = Run.load(path)
    except RunError as error:
        require(str(path) in str(error), f"the error does not name it: {error}")
    else:
        require(False, f"loaded without {RECORD}: {run}")
    listed = list(runs(path.parent)) if path.parent.exists() else []
    require(not listed, f"listed as {listed}")


def _is_of_a_best_epoch(run: Run) -> bool:
    """Return whether the scores are those of the epoch that the record names, or of a later one.

    A better model is written just before the record that names its epoch: a kill may come between.
    """
    first = run.history.best_epoch or 0
    return any(
        math.isclose(run.evaluation.val.loss, epoch.val_loss, abs_tol=LOSS_TOLERANCE)
        for epoch in run.history.epochs[first:]
    )
