"""Random erasing: a rectangle of an image becomes noise (Zhong et al., 2020)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Boxes = npt.NDArray[np.int64]

# The share of the image, and width by height: those of timm and torchvision; the paper has 0.4.
AREAS = (0.02, 1 / 3)
ASPECTS = (0.3, 1 / 0.3)
STARTS = 65_536  # places in the noise at which a rectangle may begin to read


@dataclass(frozen=True, slots=True, eq=False)
class Erasures:
    """The rectangle of each image that is erased, and what it is filled with.

    Attributes:
        boxes: `(n, 4)` pixels: top, bottom, left, right; the ends are excluded. Empty is none.
        starts: `(n,)`, where each rectangle begins to read the noise.
        noise: Bytes that all rectangles of an epoch share.
    """

    boxes: Boxes
    starts: npt.NDArray[np.int64]
    noise: npt.NDArray[np.uint8]

    def __getitem__(self, rows: slice | npt.NDArray[np.int64]) -> "Erasures":
        return Erasures(self.boxes[rows], self.starts[rows], self.noise)


def draw_erasures(
    probability: float, image_size: tuple[int, int], *, n: int, rng: np.random.Generator
) -> Erasures:
    """Draw for `n` images whether a rectangle is erased, which one, and its noise.

    A rectangle that would be longer than the image is cut to the image's side.
    """
    height, width = image_size
    drawn = rng.random((n, 6)).T
    area = (AREAS[0] + drawn[1] * (AREAS[1] - AREAS[0])) * height * width
    lowest, highest = np.log(ASPECTS)
    aspect = np.exp(lowest + drawn[2] * (highest - lowest))
    tall = np.clip(np.rint(np.sqrt(area / aspect)), 1, height)
    wide = np.clip(np.rint(np.sqrt(area * aspect)), 1, width)
    top = np.floor(drawn[3] * (height - tall + 1))
    left = np.floor(drawn[4] * (width - wide + 1))
    boxes = np.stack((top, top + tall, left, left + wide), axis=1).astype(np.int64)
    boxes[drawn[0] >= probability] = 0
    starts = (drawn[5] * STARTS).astype(np.int64)
    return Erasures(boxes, starts, rng.integers(0, 256, STARTS + 3 * height * width, np.uint8))


def erase(images: npt.NDArray[np.uint8], erasures: Erasures) -> npt.NDArray[np.uint8]:
    """Return images `(n, height, width, 3)` with their rectangles full of noise."""
    erased = images.copy()
    rows = zip(erased, erasures.boxes.tolist(), erasures.starts.tolist(), strict=True)
    for image, (top, bottom, left, right), start in rows:
        if bottom > top:
            place = image[top:bottom, left:right]
            place[...] = erasures.noise[start : start + place.size].reshape(place.shape)
    return erased
