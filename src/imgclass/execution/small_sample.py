"""Can the network learn a few images by heart? It tells a failed training from useless labels."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console

from imgclass.diagnosis.causes import wants_small_sample
from imgclass.execution.job import Job
from imgclass.flows.flow import Flow
from imgclass.run.run import Run

IMAGES, OF_A_BATCH = 200, 8


def try_small_sample(job: Job, *, progress: bool) -> None:
    """Train on a few images alone if the run learned nothing for no known reason, and note it."""
    if not wants_small_sample(Run.load(job.directory.path).evidence):
        return
    from imgclass.models.builder import build_model
    from imgclass.training.hardware import building
    from imgclass.training.small_sample import learn_by_heart

    images, labels = take_sample(job.flows.train)
    if progress:
        Console(stderr=True).print(
            f"Nothing was learned. Training on {len(images)} images alone, to see why.",
            highlight=False,
            soft_wrap=True,
        )
    experiment, seed = job.experiment, job.experiment.training.seed
    with building(precision="float32", seed=seed):
        model = build_model(
            experiment.architecture,
            replace(experiment.spec, dropout=0.0, l2=0.0),
            num_classes=labels.shape[1],
        )
    correct = learn_by_heart(model, images, labels, seed=seed)
    job.directory.update(small_sample=(correct, len(images)))


def take_sample(flow: Flow) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return images `(n, height, width, 3)` and labels `(n, classes)` from all over a flow."""
    wanted = min(len(flow), IMAGES // OF_A_BATCH)
    batches = [flow[int(i)] for i in np.linspace(0, len(flow) - 1, wanted)]
    share = -(-min(IMAGES, len(flow.paths)) // wanted)
    images, labels = zip(*((x[:share], y[:share]) for x, y, *_ in batches), strict=True)
    return np.concatenate(images), np.concatenate(labels)
