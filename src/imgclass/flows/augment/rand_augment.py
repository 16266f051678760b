"""RandAugment: a few operations for each image, each chosen by chance (Cubuk et al., 2020).

The operations and their strengths are those of torchvision. Two things differ: shears are about the
centre, and what stands outside the image is what the augmentation says.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgclass.flows.augment.augmentation import LARGEST_MAGNITUDE, Augmentation
from imgclass.flows.augment.colours import (
    autocontrast_tables,
    brightness_tables,
    contrast_tables,
    equalize_tables,
    look_up,
    posterize_tables,
    saturate,
    sharpen,
    solarize_tables,
)
from imgclass.flows.augment.transforms import Floats
from imgclass.flows.augment.warps import warp

MOVES = ("shear_x", "shear_y", "translate_x", "translate_y", "rotate")
TABLES = ("brightness", "contrast", "posterize", "solarize", "autocontrast", "equalize")
OPERATIONS = ("identity", *MOVES, "color", "sharpness", *TABLES)
NUMBERS = {name: number for number, name in enumerate(OPERATIONS)}

# The strongest of each, at magnitude 30.
SHEAR = 0.3
TRANSLATION = 150 / 331  # of the side
ROTATION = 30.0  # degrees
ENHANCEMENT = 0.9  # a factor of 0.1 or 1.9
BITS = 4  # that posterizing takes away, of 8

BLOCK_PIXELS = 262_144  # images that are changed together; it bounds the memory

Images = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Operations:
    """The operations of each image, one after another.

    Attributes:
        kinds: `(n, rounds)`, places in `OPERATIONS`.
        signs: `(n, rounds)`, 1 or -1: to which side an operation goes that has two.
    """

    kinds: npt.NDArray[np.int64]
    signs: Floats

    def __getitem__(self, rows: slice | npt.NDArray[np.int64]) -> "Operations":
        return Operations(self.kinds[rows], self.signs[rows])


def draw_operations(n: int, *, rounds: int, rng: np.random.Generator) -> Operations:
    """Draw so many operations for each of `n` images, all equally often."""
    drawn = rng.random((n, rounds, 2))
    kinds = (drawn[..., 0] * len(OPERATIONS)).astype(np.int64)
    return Operations(kinds, np.where(drawn[..., 1] < 1 / 2, -1.0, 1.0))


def apply_operations(
    images: Images, operations: Operations, *, augmentation: Augmentation
) -> Images:
    """Return images `(n, height, width, 3)` changed by their operations, in order."""
    changed = images.copy()
    height, width = images.shape[1:3]
    size = max(1, BLOCK_PIXELS // (height * width))
    for start in range(0, len(images), size):
        block = slice(start, start + size)
        for kinds, signs in zip(operations.kinds[block].T, operations.signs[block].T, strict=True):
            _apply_round(changed[block], kinds, signs, augmentation)
    return changed


def move_maps(
    kinds: npt.NDArray[np.int64], amounts: Floats, image_size: tuple[int, int]
) -> tuple[Floats, Floats]:
    """Return where each pixel of an image that is moved is read from, as `affine_maps` does.

    `amounts`, in -1 to 1, are shares of the strongest move.
    """
    height, width = image_size

    def amount(name: str, strongest: float) -> Floats:
        return np.where(kinds == NUMBERS[name], amounts * strongest, 0.0)

    angle = np.deg2rad(amount("rotate", ROTATION))
    matrix = np.empty((len(kinds), 2, 2))
    matrix[:, 0, 0] = matrix[:, 1, 1] = np.cos(angle)
    matrix[:, 0, 1] = amount("shear_y", SHEAR) - np.sin(angle)
    matrix[:, 1, 0] = amount("shear_x", SHEAR) + np.sin(angle)
    down = amount("translate_y", TRANSLATION * height)
    right = amount("translate_x", TRANSLATION * width)
    centre = np.array(image_size) / 2 - 0.5
    return matrix, centre - matrix @ centre + np.stack((down, right), axis=1)


def _apply_round(
    images: Images, kinds: npt.NDArray[np.int64], signs: Floats, augmentation: Augmentation
) -> None:
    """Apply one operation to each image, in place; all images of a kind together."""
    strength = augmentation.magnitude / LARGEST_MAGNITUDE
    moved = np.flatnonzero(np.isin(kinds, [NUMBERS[name] for name in MOVES]))
    if len(moved):
        out = np.empty((len(moved), *images.shape[1:]), np.uint8)
        warp(
            images[moved],
            move_maps(kinds[moved], signs[moved] * strength, images.shape[1:3]),
            out=out,
            fill_mode=augmentation.fill_mode,
            cval=augmentation.cval,
            order=augmentation.interpolation_order,
        )
        images[moved] = out
    factors = (1 + signs * strength * ENHANCEMENT).astype(np.float32)
    for name, enhance in (("color", saturate), ("sharpness", sharpen)):
        rows = np.flatnonzero(kinds == NUMBERS[name])
        images[rows] = enhance(images[rows], factors[rows])
    for name in TABLES:
        rows = np.flatnonzero(kinds == NUMBERS[name])
        if len(rows):
            tables = _tables(name, images[rows], factors[rows], strength)
            images[rows] = look_up(images[rows], tables)


def _tables(name: str, images: Images, factors: npt.NDArray[np.float32], strength: float) -> Images:
    match name:
        case "brightness":
            return brightness_tables(factors)
        case "contrast":
            return contrast_tables(images, factors)
        case "posterize":
            return posterize_tables(len(images), bits=8 - round(strength * BITS))
        case "solarize":
            return solarize_tables(len(images), threshold=255 * (1 - strength))
        case "autocontrast":
            return autocontrast_tables(images)
        case _:
            return equalize_tables(images)
