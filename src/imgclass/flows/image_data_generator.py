"""The pipeline `generator`: Keras's `ImageDataGenerator` changes images decoded anew every epoch.

The pixels come from imgclass's decoder: Keras's does not turn images, drops transparency and clips
16 bits.
"""

import copy
import math
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from keras._tf_keras.keras.preprocessing.image import ImageDataGenerator

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.faults import listing
from imgclass.data.manifest import SPLITS, Split
from imgclass.errors import DatasetError, UsageError
from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.decoded_images import decode_images
from imgclass.flows.epoch_dataset import EpochDataset
from imgclass.flows.epochs import epoch_order
from imgclass.flows.flow import Batch, Flows
from imgclass.flows.private_draws import drawing_from
from imgclass.images import Resize

_CHANGES_VALUES = (
    "rescale",
    "preprocessing_function",
    "samplewise_center",
    "samplewise_std_normalization",
    "featurewise_center",
    "featurewise_std_normalization",
    "zca_whitening",
)


class GeneratorFlow(EpochDataset):
    """Batches of one split, changed by an `ImageDataGenerator`; a `Flow`.

    `labels` are class indices `(n,)`. The random changes of a batch depend only on the seed, the
    epoch and its index, so `workers` may be any number. A `preprocessing_function` that draws
    random numbers has to seed them itself.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        labels: npt.NDArray[np.int64],
        *,
        generator: ImageDataGenerator,
        num_classes: int,
        image_size: tuple[int, int],
        batch_size: int,
        resize: Resize = "stretch",
        seed: int = 0,
        shuffle: bool = False,
    ) -> None:
        self.paths = tuple(paths)
        self.labels = labels
        self.batch_size = batch_size
        self._generator = generator
        self._one_hot = np.eye(num_classes, dtype=generator.dtype)
        self._image_size = image_size
        self._resize = resize
        self._seed = seed
        self._shuffle = shuffle
        super().__init__()

    def __len__(self) -> int:
        return math.ceil(len(self.paths) / self.batch_size)

    def batch(self, index: int) -> Batch:
        """Return one batch of the current epoch; the images are float32."""
        epoch, order = self._plan  # read once: another thread may start the next epoch
        rows = order[self._part(index)]
        paths = [self.paths[row] for row in rows]
        images = decode_images(paths, self._image_size, resize=self._resize)
        seeds = np.random.SeedSequence((self._seed, epoch, index)).generate_state(4)
        # Keras calls functions that NumPy's newer Generator lacks.
        generator = drawing_from(np.random.RandomState(seeds), self._generator)
        changed = [
            generator.standardize(generator.random_transform(image.astype(np.float32)))
            for image in images
        ]
        return np.stack(changed).astype(self._one_hot.dtype), self._one_hot[self.labels[rows]]

    def batch_paths(self, index: int) -> tuple[Path, ...]:
        """Return the files of one batch of the current epoch, in the batch's order."""
        _, order = self._plan
        return tuple(self.paths[row] for row in order[self._part(index)])

    def plan_epoch(self, epoch: int) -> None:
        """Decide the order of `epoch`."""
        n = len(self.paths)
        order = epoch_order(n, seed=self._seed, epoch=epoch) if self._shuffle else np.arange(n)
        self._plan = epoch, order

    def _part(self, index: int) -> slice:
        return slice(index * self.batch_size, (index + 1) * self.batch_size)


def open_generator(
    folder: ImageFolder,
    *,
    image_size: tuple[int, int],
    batch_size: int,
    augmentation: Any,
    resize: Resize,
    seed: int,
) -> Flows:
    """Return a data set's flows, the first one changed by an `ImageDataGenerator`."""
    changing = make_generator(augmentation)
    clean = without_random_changes(changing)
    names = folder.class_names
    paths = [path for split in SPLITS for path in folder.paths(split)]
    if missing := [str(path) for path in paths if not path.is_file()]:
        raise DatasetError(
            f"Expected {len(paths):,} image files; {len(missing):,} are missing or not regular "
            f"files: {listing(missing)}. Put them back, or organize again."
        )

    def flow(split: Split, generator: ImageDataGenerator = clean) -> GeneratorFlow:
        return GeneratorFlow(
            folder.paths(split),
            np.array([names.index(sample.label) for sample in folder.manifest.of(split)]),
            generator=generator,
            num_classes=len(names),
            image_size=image_size,
            batch_size=batch_size,
            resize=resize,
            seed=seed,
            shuffle=generator is changing,
        )

    return Flows(
        train_augmented=flow("train", changing),
        train=flow("train"),
        val=flow("val"),
        test=flow("test") if folder.counts["test"] else None,
        class_names=names,
        image_size=image_size,
        root=folder.root,
    )


def make_generator(augmentation: Any) -> ImageDataGenerator:
    """Return the `ImageDataGenerator` that an `Augmentation` describes, or the user's own."""
    if isinstance(augmentation, Augmentation):
        words = {name: getattr(augmentation, name) for name in Augmentation.__dataclass_fields__}
        return _LiteralGenerator(**words)
    if not isinstance(augmentation, ImageDataGenerator):
        raise UsageError(
            "Expected augmentation to be an Augmentation or a keras ImageDataGenerator; "
            f"received {type(augmentation).__name__}."
        )
    if vars(augmentation)["_validation_split"]:
        raise UsageError(
            "Expected an ImageDataGenerator without validation_split, since the data set has its "
            f"splits; received validation_split={vars(augmentation)['_validation_split']}."
        )
    if augmentation.data_format != "channels_last":
        raise UsageError(
            "Expected an ImageDataGenerator with data_format='channels_last'; "
            f"received data_format={augmentation.data_format!r}."
        )
    if changes := [name for name in _CHANGES_VALUES if getattr(augmentation, name)]:
        warnings.warn(
            f"This ImageDataGenerator sets {', '.join(changes)}. The architectures of imgclass "
            "take raw RGB 0-255 and have their preprocessing inside; leave this out for them.",
            stacklevel=2,
        )
    return augmentation


def without_random_changes(generator: ImageDataGenerator) -> ImageDataGenerator:
    """Return a copy that only rescales, preprocesses and standardizes images."""
    clean = copy.copy(generator)
    clean.rotation_range = 0
    clean.width_shift_range = 0.0
    clean.height_shift_range = 0.0
    clean.shear_range = 0.0
    clean.zoom_range = [1, 1]
    clean.channel_shift_range = 0.0
    clean.brightness_range = None
    clean.horizontal_flip = False
    clean.vertical_flip = False
    return clean


class _LiteralGenerator(ImageDataGenerator):  # type: ignore[misc]  # Keras has no types
    """Keras's generator, but its words mean what they say.

    Keras swaps the axes of its matrix after building it: it moves along the width by what it draws
    from `height_shift_range`, and turns about the column h / 2 and the row w / 2.
    """

    def get_random_transform(self, img_shape: Any, seed: Any = None) -> Any:
        drawn = super().get_random_transform(img_shape, seed)
        return drawn | {"tx": drawn["ty"], "ty": drawn["tx"]}

    def apply_transform(self, x: Any, transform_parameters: Any) -> Any:
        # Shift Keras's centre to the true one, `by` columns to the right and `by` rows up.
        changes = dict(transform_parameters)
        by = (x.shape[1] - x.shape[0]) / 2
        theta, shear = np.deg2rad(changes["theta"]), np.deg2rad(changes["shear"])
        cos, sin, zx, zy = np.cos(theta), np.sin(theta), changes["zx"], changes["zy"]
        changes["tx"] += by * (cos - sin - zx - np.sin(shear) * zy)
        changes["ty"] += by * (np.cos(shear) * zy - sin - cos)
        return super().apply_transform(x, changes)
