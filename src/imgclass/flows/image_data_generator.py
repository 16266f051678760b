"""The pipeline `generator`: Keras's `ImageDataGenerator` changes images decoded anew every epoch.

The pixels come from imgclass's decoder: Keras's does not turn images, drops transparency and clips
16 bits.
"""

import copy
import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from keras._tf_keras.keras.preprocessing.image import ImageDataGenerator

from imgclass.data.faults import listing
from imgclass.data.manifest import SPLITS, Split
from imgclass.errors import DatasetError, UsageError
from imgclass.flows.assembly import FlowSettings, assemble
from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.decoded_images import decode_images
from imgclass.flows.epoch_dataset import EpochDataset
from imgclass.flows.flow import Batch, Flows
from imgclass.flows.names import Sampling
from imgclass.flows.private_draws import drawing_from
from imgclass.flows.sampling import draw_images, epoch_order

# The fields of an Augmentation that Keras's class has, too.
_WORDS = (
    "rotation_range",
    "width_shift_range",
    "height_shift_range",
    "zoom_range",
    "shear_range",
    "brightness_range",
    "channel_shift_range",
    "horizontal_flip",
    "vertical_flip",
    "fill_mode",
    "cval",
    "interpolation_order",
)
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

    Without `sampling` the images come in their order. The random changes of a batch depend only on
    the seed, the epoch and its index, so `workers` may be any number. A `preprocessing_function`
    that draws random numbers has to seed them itself.
    """

    def __init__(
        self,
        settings: FlowSettings,
        split: Split,
        *,
        generator: ImageDataGenerator,
        sampling: Sampling | None = None,
        is_augmented: bool = False,
    ) -> None:
        self.paths = settings.folder.paths(split)
        self.labels = settings.labels(split)
        self.batch_size = settings.batch_size
        self.is_augmented = is_augmented
        self.shows_every_image_once = sampling != "balanced"
        self._settings = settings
        self._generator = generator
        self._one_hot = np.eye(len(settings.folder.class_names), dtype=generator.dtype)
        self._sampling: Sampling | None = sampling
        super().__init__()

    def __len__(self) -> int:
        return math.ceil(len(self.paths) / self.batch_size)

    def batch(self, index: int) -> Batch:
        """Return one batch of the current epoch; the images are float32."""
        epoch, order = self._plan  # read once: another thread may start the next epoch
        rows = order[self._part(index)]
        paths = [self.paths[row] for row in rows]
        images = decode_images(paths, self._settings.image_size, resize=self._settings.resize)
        seeds = np.random.SeedSequence((self._settings.seed, epoch, index)).generate_state(4)
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
        """Decide the images of `epoch` and their order."""
        rows, seed = np.arange(len(self.paths)), self._settings.seed
        if self._sampling is not None:
            drawn = draw_images(self.labels, sampling=self._sampling, seed=seed, epoch=epoch)
            rows = drawn[epoch_order(len(drawn), seed=seed, epoch=epoch)]
        self._plan = epoch, rows

    def _part(self, index: int) -> slice:
        return slice(index * self.batch_size, (index + 1) * self.batch_size)


def open_generator(settings: FlowSettings, augmentation: Any) -> Flows:
    """Return a data set's flows, the first one changed by an `ImageDataGenerator`."""
    changing = make_generator(augmentation)
    clean = without_random_changes(changing)
    folder = settings.folder
    paths = [path for split in SPLITS for path in folder.paths(split)]
    if missing := [str(path) for path in paths if not path.is_file()]:
        raise DatasetError(
            f"Expected {len(paths):,} image files; {len(missing):,} are missing or not regular "
            f"files: {listing(missing)}. Put them back, or organize again."
        )

    def flow(split: Split) -> GeneratorFlow:
        return GeneratorFlow(settings, split, generator=clean)

    # What a generator of the user's own does is not known.
    is_augmented = not (isinstance(augmentation, Augmentation) and augmentation.is_identity)
    augmented = GeneratorFlow(
        settings,
        "train",
        generator=changing,
        sampling=settings.sampling,
        is_augmented=is_augmented,
    )
    return assemble(settings, train_augmented=augmented, clean=flow)


def make_generator(augmentation: Any) -> ImageDataGenerator:
    """Return the `ImageDataGenerator` that an `Augmentation` describes, or the user's own."""
    if isinstance(augmentation, Augmentation):
        if further := augmentation.cached_only:
            received = ", ".join(f"{name}={getattr(augmentation, name)}" for name in further)
            raise UsageError(
                f"Expected the pipeline 'cached' (--pipeline cached) for {', '.join(further)}, "
                f"which Keras's ImageDataGenerator cannot do; received {received}, "
                f"pipeline='generator'."
            )
        return _LiteralGenerator(**{name: getattr(augmentation, name) for name in _WORDS})
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
