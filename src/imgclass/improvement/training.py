"""One training of the loop, which ends in time."""

import time
from pathlib import Path

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.diagnosis import Diagnoser
from imgclass.execution.once import run_once
from imgclass.experiment import Experiment
from imgclass.run import Run


def trained(
    path: Path,
    folder: ImageFolder,
    experiment: Experiment,
    *,
    parent: Run | None,
    seconds: float,
    diagnoser: Diagnoser,
    progress: bool,
) -> Run:
    """Return the run in `path`: as it is if it is finished, else continued, or made anew.

    Args:
        path: The run's directory.
        folder: The data set.
        experiment: What to run.
        parent: The run that it changes; None for the first.
        seconds: Wall time after which its steps end; the learning rate comes down by then.
        diagnoser: Has the target.
        progress: Whether to show progress on standard error.
    """
    from imgclass.training.deadline import Deadline, EndInTime

    deadline = Deadline(time.monotonic() + seconds, experiment.training.head_epochs)
    return run_once(
        path,
        folder,
        experiment,
        parent=parent,
        diagnoser=diagnoser,
        callbacks=EndInTime(deadline),
        progress=progress,
    )
