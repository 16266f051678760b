"""A user's own `ImageDataGenerator`: what of it is accepted, and what is left for clean passes."""

import copy
import warnings
from typing import Any

from keras._tf_keras.keras.preprocessing.image import ImageDataGenerator

from imgclass.errors import UsageError
from imgclass.flows.augmentation import Augmentation

_CHANGES_VALUES = (
    "rescale",
    "preprocessing_function",
    "samplewise_center",
    "samplewise_std_normalization",
    "featurewise_center",
    "featurewise_std_normalization",
    "zca_whitening",
)


def make_generator(augmentation: Any) -> ImageDataGenerator:
    """Return the `ImageDataGenerator` that an `Augmentation` describes, or the user's own.

    Raises:
        UsageError: It is neither, or asks for something that a data set's splits decide already.

    Example:
        >>> make_generator(Augmentation(rotation_range=10)).rotation_range
        10
    """
    if isinstance(augmentation, Augmentation):
        words = {name: getattr(augmentation, name) for name in Augmentation.__dataclass_fields__}
        return ImageDataGenerator(**words)
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
    """Return a copy that rescales, preprocesses and standardizes alike, but changes nothing else.

    Example:
        >>> own = ImageDataGenerator(rotation_range=10, rescale=1 / 255)
        >>> clean = without_random_changes(own)
        >>> clean.rotation_range, clean.rescale == own.rescale, own.rotation_range
        (0, True, 10)
    """
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
