"""Images of a run's data set, as its model takes them: the same bytes as when it was trained."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from imgclass.data.manifest import Manifest, Sample, Split
from imgclass.errors import ImageError
from imgclass.images import Resize
from imgclass.images.decoding import DEFAULT_LIMITS, Pixels, decode_image
from imgclass.images.resizing import resize_image
from imgclass.io.untrusted_files import read_bytes


@dataclass(frozen=True, slots=True, eq=False)
class KnownImages:
    """Images, with their classes if these are known.

    Attributes:
        pixels: uint8 `(n, height, width, 3)`, RGB 0-255.
        labels: Class indices `(n,)`; None for noise.
    """

    pixels: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64] | None

    def __len__(self) -> int:
        return len(self.pixels)


def read_known_images(
    manifest: Manifest,
    data: Path,
    split: Split,
    *,
    image_size: tuple[int, int],
    resize: Resize,
    most: int,
) -> KnownImages:
    """Return up to `most` images of a split, the same ones each time, from all over it.

    A file that is missing, was changed since the training, or lies outside the data set is passed
    over, and so is the whole split if the data set is gone.

    Args:
        manifest: The run's.
        data: The data set's folder.
        split: `train`, `val` or `test`.
        image_size: `(height, width)` in pixels.
        resize: How images are brought to it.
        most: The most images.
    """
    samples = manifest.of(split)
    # Not every so many: classes that take turns would be left out.
    random = np.random.default_rng(0)
    chosen = np.sort(random.permutation(len(samples))[:most])
    index = {name: i for i, name in enumerate(manifest.class_names)}
    found = [
        (resize_image(pixels, image_size, resize=resize), index[sample.label])
        for sample, pixels in _unchanged((samples[i] for i in chosen), data)
    ]
    pixels = np.zeros((len(found), *image_size, 3), np.uint8)
    for i, (image, _) in enumerate(found):
        pixels[i] = image
    return KnownImages(pixels, np.array([label for _, label in found], np.int64))


def noise_images(image_size: tuple[int, int], n: int) -> KnownImages:
    """Return `n` images of noise, the same ones each time.

    They are blocks of one colour, 1 to 64 pixels wide: noise of single pixels is grey to a network
    that takes means.

    Example:
        >>> noise_images((8, 6), 2).pixels.shape
        (2, 8, 6, 3)
    """
    random = np.random.default_rng(0)
    height, width = image_size
    pixels = np.empty((n, height, width, 3), np.uint8)
    for i in range(n):
        side = 2 ** (i % 7)
        blocks = random.integers(0, 256, (-(-height // side), -(-width // side), 3), np.uint8)
        pixels[i] = blocks.repeat(side, axis=0).repeat(side, axis=1)[:height, :width]
    return KnownImages(pixels, None)


def _unchanged(samples: Iterator[Sample], data: Path) -> Iterator[tuple[Sample, Pixels]]:
    """Yield the samples whose files have the bytes that the manifest says, with their pixels."""
    root = Path(os.path.normpath(data.absolute()))
    for sample in samples:
        path = Path(os.path.normpath(root / sample.path))
        if not path.is_relative_to(root):
            continue
        try:
            content = read_bytes(path, limit=DEFAULT_LIMITS.file_bytes, links=True)
            if hashlib.sha256(content).hexdigest() == sample.sha256:
                yield sample, decode_image(content, name=sample.path)
        except (OSError, ImageError):
            continue
