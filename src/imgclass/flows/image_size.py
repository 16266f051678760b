"""The image size of a data set: the one asked for, or the median of its training images."""

from collections.abc import Sequence
from statistics import median_low

from imgclass.checks import pixels
from imgclass.data.manifest import Manifest
from imgclass.errors import DatasetError
from imgclass.validation import checked

LARGEST_SIDE = 224  # what the ImageNet backbones were trained on


def median_image_size(manifest: Manifest) -> tuple[int, int]:
    """Return the median `(height, width)` of the training images, at most 224 a side.

    Raises:
        DatasetError: There are no training images.

    Example:
        >>> from imgclass.data.manifest import Sample
        >>> photo = Sample("train/a/1.jpg", "a", "train", "0" * 64, 500, 200, "1.jpg")
        >>> median_image_size(Manifest(("a",), (photo,)))
        (200, 224)
    """
    samples = manifest.of("train")
    if not samples:
        raise DatasetError("Expected training images, to choose image_size; received none.")
    height = median_low(sample.height for sample in samples)
    width = median_low(sample.width for sample in samples)
    return min(height, LARGEST_SIDE), min(width, LARGEST_SIDE)


def choose_image_size(asked: int | Sequence[int] | None, manifest: Manifest) -> tuple[int, int]:
    """Return `(height, width)`: the size asked for, or `median_image_size` for None.

    Args:
        asked: `(height, width)` in pixels, one number for both, or None.
        manifest: The data set's.

    Raises:
        UsageError: `asked` is no size, or a side is below 1.

    Example:
        >>> choose_image_size(32, Manifest((), ()))
        (32, 32)
    """
    if asked is None:
        return median_image_size(manifest)
    size: tuple[int, int] = checked("image_size", asked, pixels())
    return size
