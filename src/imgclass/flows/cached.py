"""The pipeline `cached`: every image is decoded once, then shuffled and augmented by batch."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from imgclass.data.manifest import SPLITS, Split
from imgclass.flows.assembly import FlowSettings, assemble
from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.augment.changes import apply_changes
from imgclass.flows.decoded_images import ImagesOnDemand, Progress, decode_images
from imgclass.flows.epoch_dataset import EpochDataset
from imgclass.flows.epochs import EpochPlan, plan_epoch
from imgclass.flows.flow import Batch, Flows
from imgclass.flows.names import Sampling


class CachedFlow(EpochDataset):
    """Batches of one split from an array of decoded images; a `Flow`.

    `images` are raw RGB `(n, height, width, 3)`, shared and not copied; `labels` class indices
    `(n,)`. Without `augmentation` the images come unchanged, in their order; with it, each epoch
    has a new order, and `sampling` decides which images it shows. A batch depends only on the seed,
    the epoch and its index, so `workers` may be any number.
    """

    def __init__(
        self,
        images: npt.NDArray[np.uint8] | ImagesOnDemand,
        labels: npt.NDArray[np.int64],
        *,
        paths: Sequence[Path],
        num_classes: int,
        batch_size: int,
        augmentation: Augmentation | None = None,
        sampling: Sampling = "shuffled",
        seed: int = 0,
    ) -> None:
        self.paths = tuple(paths)
        self.labels = labels
        self.batch_size = batch_size
        self.is_augmented = augmentation is not None and not augmentation.is_identity
        self.shows_every_image_once = augmentation is None or sampling == "shuffled"
        # Slices of a memmap would be memmaps.
        self._images = np.asarray(images) if isinstance(images, np.ndarray) else images
        self._one_hot = np.eye(num_classes, dtype=np.float32)
        self._augmentation = augmentation
        self._sampling: Sampling = sampling
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
        rows = plan.rows[part]
        labels = self._one_hot[self.labels[rows]]
        return apply_changes(self._images[rows], labels, plan.changes[part])

    def batch_paths(self, index: int) -> tuple[Path, ...]:
        """Return the files of one batch of the current epoch, in the batch's order."""
        part = slice(index * self.batch_size, (index + 1) * self.batch_size)
        plan = self._plan
        return self.paths[part] if plan is None else tuple(self.paths[i] for i in plan.rows[part])

    def plan_epoch(self, epoch: int) -> None:
        """Decide the order and the augmentation of `epoch`."""
        if self._augmentation is not None:
            self._plan = plan_epoch(
                self._augmentation,
                self._images.shape[1:3],
                self.labels,
                batch_size=self.batch_size,
                sampling=self._sampling,
                seed=self._seed,
                epoch=epoch,
            )


def open_cached(
    settings: FlowSettings, augmentation: Augmentation, *, progress: Progress | None
) -> Flows:
    """Return the flows of a data set; the two over train share their images.

    With `settings.keep_decoded` all are decoded now.
    """
    folder = settings.folder
    paths = {split: folder.paths(split) for split in SPLITS}
    images: Mapping[Split, npt.NDArray[np.uint8] | ImagesOnDemand]
    if settings.keep_decoded:
        everything = [path for split in SPLITS for path in paths[split]]
        decoded = decode_images(
            everything, settings.image_size, resize=settings.resize, progress=progress
        )
        ends = np.cumsum([len(paths[split]) for split in SPLITS])[:-1]
        images = dict(zip(SPLITS, np.split(decoded, ends), strict=True))
    else:
        images = {
            split: ImagesOnDemand(paths[split], settings.image_size, resize=settings.resize)
            for split in SPLITS
        }

    def flow(split: Split, augmentation: Augmentation | None = None) -> CachedFlow:
        return CachedFlow(
            images[split],
            settings.labels(split),
            paths=paths[split],
            num_classes=len(folder.class_names),
            batch_size=settings.batch_size,
            augmentation=augmentation,
            sampling=settings.sampling,
            seed=settings.seed,
        )

    return assemble(settings, train_augmented=flow("train", augmentation), clean=flow)
