"""The order and the random changes of one epoch: a function of the seed and the epoch alone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.augment.transforms import Transforms, draw_transforms


@dataclass(frozen=True, slots=True, eq=False)
class EpochPlan:
    """The order `(n,)` of one epoch, and the change of each image in the data set's order."""

    augmentation: Augmentation
    order: npt.NDArray[np.int64]
    transforms: Transforms


def epoch_order(n: int, *, seed: int, epoch: int) -> npt.NDArray[np.int64]:
    """Return the numbers below `n`, shuffled by a seed and an epoch."""
    return np.random.default_rng((seed, epoch, 0)).permutation(n)


def plan_epoch(
    augmentation: Augmentation,
    image_size: tuple[int, int],
    *,
    n: int,
    seed: int,
    epoch: int,
) -> EpochPlan:
    """Return an epoch's order and changes, the same on every machine and after any other epoch."""
    rng = np.random.default_rng((seed, epoch, 1))
    return EpochPlan(
        augmentation=augmentation,
        order=epoch_order(n, seed=seed, epoch=epoch),
        transforms=draw_transforms(augmentation, image_size, n=n, rng=rng),
    )
