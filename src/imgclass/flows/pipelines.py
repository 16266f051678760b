"""open_flows: a data set on disk is opened as flows, by one of two pipelines."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

from imgclass.checks import one_of, optional, pixels, whole
from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.faults import listing
from imgclass.data.manifest import SPLITS, Manifest
from imgclass.errors import DatasetError
from imgclass.flows.assembly import FlowSettings
from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.augment.presets import Preset, preset_or_own
from imgclass.flows.decoded_images import Progress
from imgclass.flows.flow import Flows
from imgclass.flows.image_size import choose_image_size
from imgclass.flows.names import Pipeline, Sampling
from imgclass.images import Resize
from imgclass.validation import checked

if TYPE_CHECKING:
    from keras._tf_keras.keras.preprocessing.image import ImageDataGenerator

NO_AUGMENTATION = Augmentation()


def open_flows(
    folder: ImageFolder | str | os.PathLike[str],
    *,
    image_size: int | Sequence[int] | None = None,
    batch_size: int = 64,
    augmentation: "Augmentation | Preset | ImageDataGenerator" = NO_AUGMENTATION,
    pipeline: Pipeline = "cached",
    resize: Resize = "stretch",
    sampling: Sampling = "shuffled",
    seed: int = 0,
    progress: Progress | None = None,
) -> Flows:
    """Open a data set as four flows of raw RGB 0-255 batches.

    Args:
        folder: The organizer's result, or any folder that `ImageFolder.open` takes.
        image_size: `(height, width)` in pixels, or one number for both; by default the median of
            the training images, at most 224 a side.
        batch_size: Images a batch.
        augmentation: Random changes to the training images, or a preset's name such as `light`, if
            you like with settings as in `light,mixup=0.2`. An `ImageDataGenerator` of your own
            implies the pipeline `generator`.
        pipeline: `cached` decodes every image once into memory, or, if that would take more than
            half of what is free, into a temporary file. `streamed` decodes the images of each batch
            when it is asked for: as fast in one pass, and in the memory of a batch. `generator`
            decodes every image in every epoch, too, and Keras's `ImageDataGenerator` changes it.
        resize: What happens to the aspect ratio: `stretch`, `crop` or `pad`.
        sampling: `shuffled` shows every training image once an epoch; `balanced` shows as many
            images, of every class equally often.
        seed: Decides order and augmentation of every epoch; 0 or more.
        progress: Called as `progress(done, total)` while `cached` decodes.

    Raises:
        DatasetError: The data set cannot be trained on: no images in `train` or `val`, fewer than
            two classes, a class that a split lacks, or (`cached`) files that cannot be read.
        MachineError: The disk has too little room for the temporary file.
        UsageError: An argument is not as described, or the pipeline `generator` cannot make these
            changes.

    Example:
        >>> open_flows("data", batch_size=0)
        Traceback (most recent call last):
        imgclass.errors.UsageError: Expected batch_size to be a whole number >= 1; received
        batch_size=0.
    """
    batch_size = checked("batch_size", batch_size, whole(1))
    seed = checked("seed", seed, whole(0))
    pipeline = checked("pipeline", pipeline, one_of(get_args(Pipeline)))
    resize = checked("resize", resize, one_of(get_args(Resize)))
    sampling = checked("sampling", sampling, one_of(get_args(Sampling)))
    augmentation = preset_or_own(augmentation)
    image_size = checked("image_size", image_size, optional(pixels()))
    folder = folder if isinstance(folder, ImageFolder) else ImageFolder.open(folder)
    require_trainable(folder.manifest)
    settings = FlowSettings(
        folder=folder,
        image_size=choose_image_size(image_size, folder.manifest),
        batch_size=batch_size,
        resize=resize,
        seed=seed,
        sampling=sampling,
        keep_decoded=pipeline == "cached",
    )
    if pipeline != "generator" and isinstance(augmentation, Augmentation):
        from imgclass.flows.cached import open_cached

        return open_cached(settings, augmentation, progress=progress)
    from imgclass.flows.image_data_generator import open_generator

    return open_generator(settings, augmentation)


def require_trainable(manifest: Manifest) -> None:
    """Require a data set whose scores mean something.

    Raises:
        DatasetError: `train` or `val` is empty, there are fewer than two classes, or a split
            lacks a class; the message names them.

    Example:
        >>> require_trainable(Manifest((), ()))
        Traceback (most recent call last):
        imgclass.errors.DatasetError: Expected images in train and val; received none in train, val.
    """
    counts = manifest.counts
    if empty := [split for split in ("train", "val") if not counts[split]]:
        raise DatasetError(
            f"Expected images in train and val; received none in {', '.join(empty)}."
        )
    if len(manifest.class_names) <= 1:
        raise DatasetError(
            f"Expected two classes or more; received {listing(manifest.class_names)}."
        )
    for split in SPLITS:
        lacking = [name for name, count in manifest.class_counts(split).items() if not count]
        if counts[split] and lacking:
            raise DatasetError(
                f"Expected every class in every split; {split} has no image of "
                f"{listing(lacking)}. Organize with a larger {split}, or leave the class out."
            )
