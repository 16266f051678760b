"""MixUp and CutMix: two images of a batch become one, and so do their labels.

Zhang et al., *mixup: Beyond Empirical Risk Minimization*, 2018; Yun et al., *CutMix*, 2019.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.augment.erasing import Boxes

WHOLE = 256  # parts of an image: a sum of weighted bytes fits 16 bits
EITHER = 0.5  # of the batches are cut where both are asked for, as in timm
BLOCK_PIXELS = 65_536  # so that a block's buffers fit a core's second cache


@dataclass(frozen=True, slots=True, eq=False)
class Mixes:
    """How each image of an epoch is mixed with the next one of its batch, in the epoch's order.

    The order is random, so the next one is any other image; the last one of a batch takes the
    first.

    Attributes:
        weights: `(n,)`, 0 to 256: how many parts of 256 of an average are the image itself.
        boxes: `(n, 4)` pixels: top, bottom, left, right of the pasted rectangle; the ends are
            excluded. Empty is none.
    """

    weights: npt.NDArray[np.uint16]
    boxes: Boxes

    def __getitem__(self, rows: slice | npt.NDArray[np.int64]) -> "Mixes":
        return Mixes(self.weights[rows], self.boxes[rows])


def draw_mixes(
    augmentation: Augmentation,
    image_size: tuple[int, int],
    *,
    n: int,
    batch_size: int,
    rng: np.random.Generator,
) -> Mixes:
    """Draw how the `n` images of an epoch are mixed; all images of a batch in the same way."""
    mixup, cutmix = augmentation.mixup, augmentation.cutmix
    is_cut = np.repeat(rng.random(-(-n // batch_size)) < EITHER, batch_size)[:n]
    if not (mixup and cutmix):
        is_cut[:] = bool(cutmix)
    averaged = rng.beta(mixup, mixup, n) if mixup else np.ones(n)
    weights = np.where(is_cut, WHOLE, np.rint(averaged * WHOLE)).astype(np.uint16)
    if not cutmix:
        return Mixes(weights, np.zeros((n, 4), np.int64))
    boxes = _boxes(1 - rng.beta(cutmix, cutmix, n), image_size, rng)
    return Mixes(weights, np.where(is_cut[:, None], boxes, 0))


def mix(
    images: npt.NDArray[np.uint8], labels: npt.NDArray[np.float32], mixes: Mixes
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """Return a batch's images `(n, height, width, 3)` and labels `(n, classes)`, mixed.

    A label's share is the image's exact share of the pixels.
    """
    n, height, width = images.shape[:3]
    mixed = images.copy()
    if (mixes.weights < WHOLE).any():
        size = max(1, BLOCK_PIXELS // (height * width))
        for start in range(0, n, size):
            block = slice(start, start + size)
            _average(images, mixes.weights, mixed[block], start)
    for row, (top, bottom, left, right) in enumerate(mixes.boxes.tolist()):
        pasted = images[(row + 1) % n, top:bottom, left:right]
        mixed[row, top:bottom, left:right] = pasted
    tall, wide = (mixes.boxes[:, end] - mixes.boxes[:, end - 1] for end in (1, 3))
    kept = mixes.weights / WHOLE * (1 - tall * wide / (height * width))
    share = kept.astype(labels.dtype)[:, None]
    return mixed, share * labels + (1 - share) * np.roll(labels, -1, axis=0)


def _average(
    images: npt.NDArray[np.uint8],
    weights: npt.NDArray[np.uint16],
    out: npt.NDArray[np.uint8],
    start: int,
) -> None:
    """Write the rounded weighted means of the images from `start` on, and of those after them."""
    rows = np.arange(start, start + len(out))
    weight = weights[rows, None, None, None]
    total = images[rows] * weight
    total += images[(rows + 1) % len(images)] * (WHOLE - weight)
    total += np.uint16(WHOLE // 2)
    total >>= np.uint16(8)
    out[...] = total


def _boxes(
    areas: npt.NDArray[np.float64], image_size: tuple[int, int], rng: np.random.Generator
) -> Boxes:
    """Return rectangles of these shares of the image, about any pixel, cut at the border."""
    side = np.sqrt(areas)
    ends = []
    for length in image_size:
        reach = np.rint(side * length).astype(np.int64)
        start = rng.integers(0, length, len(areas)) - reach // 2
        ends += [np.clip(start, 0, length), np.clip(start + reach, 0, length)]
    return np.stack(ends, axis=1)
