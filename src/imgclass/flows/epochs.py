"""The plan of one epoch: its images in order, and their random changes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.augment.changes import Changes, draw_changes
from imgclass.flows.names import Sampling
from imgclass.flows.sampling import draw_images, epoch_order


@dataclass(frozen=True, slots=True, eq=False)
class EpochPlan:
    """The rows `(n,)` of an epoch's images in order, and the change of each in the same order."""

    rows: npt.NDArray[np.int64]
    changes: Changes


def plan_epoch(
    augmentation: Augmentation,
    image_size: tuple[int, int],
    labels: npt.NDArray[np.int64],
    *,
    batch_size: int,
    sampling: Sampling = "shuffled",
    seed: int,
    epoch: int,
) -> EpochPlan:
    """Return an epoch's plan, the same on every machine and after any other epoch."""
    order = epoch_order(len(labels), seed=seed, epoch=epoch)
    drawn = draw_images(labels, sampling=sampling, seed=seed, epoch=epoch)
    changes = draw_changes(
        augmentation, image_size, order=order, batch_size=batch_size, seed=seed, epoch=epoch
    )
    return EpochPlan(drawn[order], changes)
