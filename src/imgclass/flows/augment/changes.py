"""Changes: everything random that happens to the images of one epoch, drawn before it begins."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.augment.batches import apply_transforms
from imgclass.flows.augment.erasing import Erasures, draw_erasures, erase
from imgclass.flows.augment.mixing import Mixes, draw_mixes, mix
from imgclass.flows.augment.rand_augment import Operations, apply_operations, draw_operations
from imgclass.flows.augment.transforms import Transforms, draw_transforms


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """The changes of the images of an epoch, in the epoch's order; None is no change of a kind.

    Attributes:
        augmentation: What they were drawn from.
        transforms: Moves and colours in the words of `ImageDataGenerator`.
        operations: Those of RandAugment.
        erasures: Rectangles that become noise.
        mixes: How each image is mixed with the next one of its batch.
    """

    augmentation: Augmentation
    transforms: Transforms | None = None
    operations: Operations | None = None
    erasures: Erasures | None = None
    mixes: Mixes | None = None

    def __getitem__(self, rows: slice | npt.NDArray[np.int64]) -> "Changes":
        kinds: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)[1:]}
        return Changes(
            self.augmentation, **{name: kind and kind[rows] for name, kind in kinds.items()}
        )


def draw_changes(
    augmentation: Augmentation,
    image_size: tuple[int, int],
    *,
    order: npt.NDArray[np.int64],
    batch_size: int,
    seed: int,
    epoch: int,
) -> Changes:
    """Draw the changes of an epoch.

    Each image's own changes depend on its number in `order` only, not on its place there: a batch
    of another size changes an image alike. Each kind has its own random numbers: adding one leaves
    the others as they were.
    """
    n = len(order)

    def stream(number: int) -> np.random.Generator:
        return np.random.default_rng((seed, epoch, number))

    transforms = operations = erasures = mixes = None
    if augmentation.has_transforms:
        transforms = draw_transforms(augmentation, image_size, n=n, rng=stream(1))[order]
    if rounds := augmentation.rand_augment:
        operations = draw_operations(n, rounds=rounds, rng=stream(2))[order]
    if probability := augmentation.erasing:
        erasures = draw_erasures(probability, image_size, n=n, rng=stream(3))[order]
    if augmentation.mixup or augmentation.cutmix:
        mixes = draw_mixes(augmentation, image_size, n=n, batch_size=batch_size, rng=stream(4))
    return Changes(augmentation, transforms, operations, erasures, mixes)


def apply_changes(
    images: npt.NDArray[np.uint8], labels: npt.NDArray[np.float32], changes: Changes
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """Return a batch's images `(n, height, width, 3)` and labels `(n, classes)`, changed.

    Images stay bytes, mixed ones too: rounding moves a pixel by at most half a level, and floats
    would be four times as much to hand over.
    """
    if changes.transforms is not None:
        images = apply_transforms(images, changes.transforms, augmentation=changes.augmentation)
    if changes.operations is not None:
        images = apply_operations(images, changes.operations, augmentation=changes.augmentation)
    if changes.erasures is not None:
        images = erase(images, changes.erasures)
    return (images, labels) if changes.mixes is None else mix(images, labels, changes.mixes)
