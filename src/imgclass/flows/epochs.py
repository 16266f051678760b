"""The order and the random changes of one epoch: a function of the seed and the epoch alone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.augment.transforms import Transforms, draw_transforms


@dataclass(frozen=True, slots=True, eq=False)
class EpochPlan:
    """The order and the changes of one epoch over `n` images.

    Attributes:
        augmentation: What the changes were drawn from.
        order: The images in the order of the epoch, `(n,)`.
        transforms: The random change of each image, in the data set's order.
    """

    augmentation: Augmentation
    order: npt.NDArray[np.int64]
    transforms: Transforms


def epoch_order(n: int, *, seed: int, epoch: int) -> npt.NDArray[np.int64]:
    """Return the numbers below `n`, shuffled by a seed and an epoch.

    Example:
        >>> epoch_order(5, seed=0, epoch=0), epoch_order(5, seed=0, epoch=1)
        (array([2, 4, 3, 0, 1]), array([1, 4, 3, 0, 2]))
    """
    return np.random.default_rng((seed, epoch, 0)).permutation(n)


def plan_epoch(
    augmentation: Augmentation,
    image_size: tuple[int, int],
    *,
    n: int,
    seed: int,
    epoch: int,
) -> EpochPlan:
    """Return an epoch's order and changes, the same on every machine and after any other epoch.

    Args:
        augmentation: The ranges to draw from.
        image_size: `(height, width)` in pixels.
        n: Number of images.
        seed: 0 or more.
        epoch: Counted from 0.

    Example:
        >>> flip = Augmentation(horizontal_flip=True)
        >>> plan_epoch(flip, (8, 8), n=4, seed=0, epoch=2).transforms.flip_horizontal
        array([False,  True, False,  True])
    """
    rng = np.random.default_rng((seed, epoch, 1))
    return EpochPlan(
        augmentation=augmentation,
        order=epoch_order(n, seed=seed, epoch=epoch),
        transforms=draw_transforms(augmentation, image_size, n=n, rng=rng),
    )
