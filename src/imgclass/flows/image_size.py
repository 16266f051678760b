"""The image size of a data set: the one asked for, or the median of its training images."""

from collections.abc import Sequence
from statistics import median_low

from imgclass.checks import pixels
from imgclass.data.manifest import Manifest
from imgclass.errors import DatasetError
from imgclass.validation import checked

LARGEST_SIDE = 224  # what the ImageNet backbones were trained on


def median_image_size(manifest: Manifest, *, at_most: int | None = LARGEST_SIDE) -> tuple[int, int]:
    """Return the median `(height, width)` of the training images, at most 224 a side by default."""
    samples = manifest.of("train")
    if not samples:
        raise DatasetError("Expected training images, to choose image_size; received none.")
    height = median_low(sample.height for sample in samples)
    width = median_low(sample.width for sample in samples)
    return (height, width) if at_most is None else (min(height, at_most), min(width, at_most))


def choose_image_size(asked: int | Sequence[int] | None, manifest: Manifest) -> tuple[int, int]:
    """Return `(height, width)`: the size asked for, or the median for None."""
    if asked is None:
        return median_image_size(manifest)
    size: tuple[int, int] = checked("image_size", asked, pixels())
    return size
