"""One training of the loop, in a run directory of the folder: made, continued, or read if done."""

import shutil
import time
from pathlib import Path
from typing import Any

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.diagnosis import Diagnoser
from imgclass.errors import CheckpointError, RunError
from imgclass.execution import resume_run, run_experiment
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

    head_epochs = experiment.training.head_epochs
    options: dict[str, Any] = {
        "callbacks": EndInTime(Deadline(time.monotonic() + seconds, head_epochs)),
        "diagnoser": diagnoser,
        "progress": progress,
    }
    if path.exists():
        try:
            run = Run.load(path)
            if run.status == "finished":
                return run
            return resume_run(run, data=folder.root, **options)
        except (RunError, CheckpointError):  # it was killed before there was anything to keep
            shutil.rmtree(path)
    return run_experiment(folder, experiment, run_dir=path, parent=parent, **options)
