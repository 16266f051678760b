"""Ray Tune places trainings on nodes, and tries one elsewhere whose node was lost."""

import io
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.diagnosis import Diagnoser
from imgclass.errors import InterruptedRunError
from imgclass.formatting import count
from imgclass.images.limits import MAX_PIXELS
from imgclass.improvement.cluster.nodes import living_nodes, places, share_of_a_trial
from imgclass.improvement.cluster.trial import PLACE, Batch, make_run, outcome_of
from imgclass.improvement.training import Outcome, Training
from imgclass.registry import DISABLE_PLUGINS
from imgclass.training.backend import VARIABLE as BACKEND
from imgclass.training.backend import chosen_backend

SCRATCH = ".ray"  # Ray Tune's own files, in the improvement's folder; removed afterwards
TRIES_AGAIN = 3  # of a training whose node was lost
# What this process was told, so that the nodes do the same.
PASSED_ON = (DISABLE_PLUGINS, MAX_PIXELS)
# Libraries otherwise take all cores of a node, also those of its other trials.
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class OnCluster:
    """Trains on the nodes of the connected cluster, as many at the same time as have room.

    A run that is there is gone on with. If a node is lost, its trainings go on elsewhere, from
    their last checkpoint.

    Attributes:
        root: A folder that all nodes share.
        folder: The data set.
        diagnoser: Has the target.
        tell: Is called with a sentence about what was gone on with.
    """

    root: Path
    folder: ImageFolder
    diagnoser: Diagnoser
    tell: Callable[[str], object]

    @property
    def at_once(self) -> int:
        """How many trainings have room on the nodes that live, whoever uses them now."""
        return places([node["Resources"] for node in living_nodes()])

    def __call__(self, trainings: Sequence[Training]) -> tuple[Outcome, ...]:
        """Return what came of each training, in order.

        Raises:
            InterruptedRunError: Nodes were lost again and again, or the cluster ended.
            Exception: What a training raised that is no failure of its own.
        """
        share = share_of_a_trial([node["Resources"] for node in living_nodes()])
        batch = Batch(
            tuple(trainings),
            replace(self.folder, root=self.folder.root.absolute()),
            self.diagnoser,
            environment=variables(share, os.environ),
        )
        with _scratch(self.root) as scratch, _cluster_errors():
            said = _placed(batch, share, scratch)
        outcomes = tuple(map(outcome_of, trainings, said))
        for training, outcome in zip(trainings, outcomes, strict=True):
            if (after := outcome.continued_after) is not None:
                name, epochs = training.path.name, count(after, "epoch")
                self.tell(f"The training {name} went on after {epochs} of another process.")
        return outcomes


def _placed(batch: Batch, share: Mapping[str, float], scratch: Path) -> list[Mapping[str, Any]]:
    """Return what the nodes say of each training."""
    from ray import tune

    tuner = tune.Tuner(
        tune.with_resources(tune.with_parameters(make_run, batch=batch), dict(share)),
        param_space={PLACE: tune.grid_search(list(range(len(batch.trainings))))},
        run_config=tune.RunConfig(
            name="trainings",
            storage_path=str(scratch),
            failure_config=tune.FailureConfig(max_failures=TRIES_AGAIN),
            verbose=0,
        ),
    )
    with redirect_stdout(io.StringIO()):  # Ray Tune draws boxes, also into what others read
        results = list(tuner.fit())
    said = {}
    for result in results:
        if result.error is not None:
            raise InterruptedRunError(
                f"Expected nodes that stay; a training lost its process {TRIES_AGAIN + 1} times, "
                f"at last with: {_last_line(result.error)}"
            )
        # Ray Tune puts trials that it tried again behind the others.
        said[result.metrics[PLACE]] = result.metrics
    return [said[place] for place in range(len(batch.trainings))]


def variables(share: Mapping[str, float], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for the process of a trial.

    Example:
        >>> told = variables({"cpu": 4.0}, {"KERAS_BACKEND": "jax", "HOME": "/root"})
        >>> told["KERAS_BACKEND"], told["OMP_NUM_THREADS"], "HOME" in told
        ('jax', '4', False)
    """
    threads = str(max(1, int(share["cpu"])))
    return {
        **dict.fromkeys(THREADS, threads),
        **{name: environment[name] for name in PASSED_ON if name in environment},
        BACKEND: chosen_backend(environment).name,
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


@contextmanager
def _scratch(root: Path) -> Iterator[Path]:
    """Give Ray Tune a folder that all nodes share."""
    scratch = root / SCRATCH
    shutil.rmtree(scratch, ignore_errors=True)  # of a process that was killed
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _cluster_errors() -> Iterator[None]:
    """Turn the end of the cluster into an interruption: the same command goes on later."""
    import ray
    from ray.tune import TuneError

    kinds: tuple[type[Exception], ...] = (ray.exceptions.RayError, TuneError, ConnectionError)
    try:
        yield
    except kinds as error:
        raise InterruptedRunError(
            f"Expected the cluster to stay; {_last_line(error)} What is trained is kept."
        ) from error


def _last_line(error: Any) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]
