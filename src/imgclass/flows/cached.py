"""The pipeline `cached`: every image is decoded once, then shuffled and augmented by batch."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.manifest import SPLITS
from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.augment.batches import apply_transforms
from imgclass.flows.decoded_images import Progress, decode_images
from imgclass.flows.epoch_dataset import EpochDataset
from imgclass.flows.epochs import EpochPlan, plan_epoch
from imgclass.flows.flow import Batch, Flows
from imgclass.images import Resize


class CachedFlow(EpochDataset):
    """Batches of one split from an array of decoded images; a `Flow`.

    `images` are raw RGB `(n, height, width, 3)`, shared and not copied; `labels` class indices
    `(n,)`. Without `augmentation` the images come unchanged, in their order; with it, each epoch
    has a new order. A batch depends only on the seed, the epoch and its index, so `workers` may be
    any number.
    """

    def __init__(
        self,
        images: npt.NDArray[np.uint8],
        labels: npt.NDArray[np.int64],
        *,
        paths: Sequence[Path],
        num_classes: int,
        batch_size: int,
        augmentation: Augmentation | None = None,
        seed: int = 0,
    ) -> None:
        self.paths = tuple(paths)
        self.labels = labels
        self.batch_size = batch_size
        self._images = np.asarray(images)  # slices of a memmap would be memmaps
        self._one_hot = np.eye(num_classes, dtype=np.float32)
        self._augmentation = augmentation
        self._seed = seed
        self._plan: EpochPlan | None = None
        super().__init__()

    def __len__(self) -> int:
        return math.ceil(len(self._images) / self.batch_size)

    def batch(self, index: int) -> Batch:
        """Return one batch of the current epoch; the images are uint8."""
        part = slice(index * self.batch_size, (index + 1) * self.batch_size)
        plan = self._plan  # read once: another thread may start the next epoch
        if plan is None:
            return self._images[part].copy(), self._one_hot[self.labels[part]]
        rows = plan.order[part]
        images = self._images[rows]
        if not plan.augmentation.is_identity:
            transforms = plan.transforms[rows]
            images = apply_transforms(images, transforms, augmentation=plan.augmentation)
        return images, self._one_hot[self.labels[rows]]

    def batch_paths(self, index: int) -> tuple[Path, ...]:
        """Return the files of one batch of the current epoch, in the batch's order."""
        part = slice(index * self.batch_size, (index + 1) * self.batch_size)
        plan = self._plan
        return self.paths[part] if plan is None else tuple(self.paths[i] for i in plan.order[part])

    def plan_epoch(self, epoch: int) -> None:
        """Decide the order and the augmentation of `epoch`."""
        if self._augmentation is not None:
            self._plan = plan_epoch(
                self._augmentation,
                self._images.shape[1:3],
                n=len(self._images),
                seed=self._seed,
                epoch=epoch,
            )


def open_cached(
    folder: ImageFolder,
    *,
    image_size: tuple[int, int],
    batch_size: int,
    augmentation: Augmentation,
    resize: Resize,
    seed: int,
    progress: Progress | None,
) -> Flows:
    """Decode a whole data set and return its flows; the two flows over train share their images."""
    names = folder.class_names
    paths = [path for split in SPLITS for path in folder.paths(split)]
    images = decode_images(paths, image_size, resize=resize, progress=progress)
    index = {name: i for i, name in enumerate(names)}
    labels = np.array([index[s.label] for split in SPLITS for s in folder.manifest.of(split)])

    def flow(start: int, n: int, augmentation: Augmentation | None = None) -> CachedFlow:
        part = slice(start, start + n)
        return CachedFlow(
            images[part],
            labels[part],
            paths=paths[part],
            num_classes=len(names),
            batch_size=batch_size,
            augmentation=augmentation,
            seed=seed,
        )

    counts = folder.counts
    return Flows(
        train_augmented=flow(0, counts["train"], augmentation),
        train=flow(0, counts["train"]),
        val=flow(counts["train"], counts["val"]),
        test=flow(counts["train"] + counts["val"], counts["test"]) if counts["test"] else None,
        class_names=names,
        image_size=image_size,
        root=folder.root,
    )
