"""Several experiments on the same data, each a run: in this process, or on a cluster."""

import math
import os
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path, PurePath

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.diagnosis import Diagnoser
from imgclass.errors import InterruptedRunError, TrainingError, UsageError
from imgclass.experiment import Experiment
from imgclass.improvement.cluster import connected
from imgclass.improvement.folder import held
from imgclass.improvement.step_runner import Tell
from imgclass.improvement.trainers import trainer_of
from imgclass.improvement.training import Training
from imgclass.io.os_errors import machine_errors
from imgclass.run import Run


def run_experiments(
    data: ImageFolder | str | os.PathLike[str],
    experiments: Mapping[str, Experiment],
    *,
    out: str | os.PathLike[str],
    cluster: str | None = None,
    diagnoser: Diagnoser | None = None,
    tell: Tell | None = None,
    progress: bool = True,
) -> dict[str, Run]:
    """Train several experiments on the same data; return their runs by name.

    Each is a run in `out/<name>`. The same call goes on where an earlier one was killed or
    interrupted: a finished run is returned as it is, and one that was begun is continued from its
    last checkpoint.

    Args:
        data: What all of them learn from.
        experiments: By name, which is that of the run's directory.
        out: The folder of the runs; made if it is not there.
        cluster: The address of a Ray cluster that trains them at the same time, as for `improve`.
        diagnoser: As for `run_experiment`.
        tell: Is called with a sentence about what was gone on with on a cluster.
        progress: Whether the trainings show their progress on standard error.

    Raises:
        UsageError: A name is not that of a directory.
        TrainingError: Some failed. All others are finished.
        UnsafeError: Another process works in `out`.
        MachineError: There is no such cluster, or a node of it cannot train.
        InterruptedRunError: Ctrl-C, or the cluster ended.
        ImgclassError: As for `run_experiment`, for data that cannot be used.

    Example:
        >>> run_experiments("photos", {"../deep": Experiment()}, out="study")
        Traceback (most recent call last):
        imgclass.errors.UsageError: Expected names of directories, such as deep; received '../deep'.
    """
    for name in experiments:
        if not name or PurePath(name).name != name or name.startswith("."):
            raise UsageError(f"Expected names of directories, such as deep; received {name!r}.")
    folder = data if isinstance(data, ImageFolder) else ImageFolder.open(data)
    root = Path(out).absolute()
    with machine_errors(root):
        root.mkdir(parents=True, exist_ok=True)
    with connected(cluster) if cluster is not None else nullcontext(), held(root):
        train = trainer_of(
            root,
            folder,
            diagnoser or Diagnoser(),
            has_cluster=cluster is not None,
            tell=tell or (lambda _: None),
            progress=progress,
        )
        try:
            outcomes = train(
                [
                    Training(root / name, experiment, None, ends=math.inf)
                    for name, experiment in experiments.items()
                ]
            )
        except (InterruptedRunError, KeyboardInterrupt) as error:
            error.add_note("The same call goes on where this one was.")
            raise
    done = dict(zip(experiments, outcomes, strict=True))
    failures = [f"{name}: {outcome.failure}" for name, outcome in done.items() if outcome.failure]
    if failures:
        raise TrainingError(
            f"{len(failures)} of {len(done)} experiments failed; the runs of the others are in "
            f"{root}.\n" + "\n".join(failures)
        )
    return {name: outcome.require_run() for name, outcome in done.items()}
