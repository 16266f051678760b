"""The random change that each image gets: drawn for a whole epoch, one row an image."""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from imgclass.flows.augment.augmentation import Augmentation

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

EVERY_SECOND = 0.5  # of the images, by chance


@dataclass(frozen=True, slots=True, eq=False)
class Transforms:
    """The parameters of `ImageDataGenerator.apply_transform`, each an array with one row an image.

    Attributes:
        theta: Rotation in degrees.
        tx: Shift along the width, in pixels.
        ty: Shift along the height, in pixels.
        shear: Degrees.
        zx: Zoom factor of the columns.
        zy: Zoom factor of the rows.
        flip_horizontal: Left and right are mirrored.
        flip_vertical: Top and bottom are mirrored.
        channel_shift: Added to every channel, in plus or minus 255.
        brightness: Factor.
    """

    theta: Floats
    tx: Floats
    ty: Floats
    shear: Floats
    zx: Floats
    zy: Floats
    flip_horizontal: Flags
    flip_vertical: Flags
    channel_shift: Floats
    brightness: Floats

    def __len__(self) -> int:
        return len(self.theta)

    def __getitem__(self, rows: slice | npt.NDArray[np.int64]) -> "Transforms":
        return Transforms(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def draw_transforms(
    augmentation: Augmentation,
    image_size: tuple[int, int],
    *,
    n: int,
    rng: np.random.Generator,
) -> Transforms:
    """Draw the parameters of `n` images, with the distributions of `ImageDataGenerator`.

    Every image takes equally many numbers from `rng`: it keeps its angle when a flip is added to
    `augmentation`, or images after it.
    """
    height, width = image_size
    drawn = rng.random((n, len(fields(Transforms)))).T
    low, high = augmentation.brightness_range or (1.0, 1.0)
    return Transforms(
        theta=_spread(drawn[0], augmentation.rotation_range),
        tx=_shift(drawn[1], augmentation.width_shift_range, width),
        ty=_shift(drawn[2], augmentation.height_shift_range, height),
        shear=_spread(drawn[3], augmentation.shear_range),
        zx=1 + _spread(drawn[4], augmentation.zoom_range),
        zy=1 + _spread(drawn[5], augmentation.zoom_range),
        flip_horizontal=(drawn[6] < EVERY_SECOND) & augmentation.horizontal_flip,
        flip_vertical=(drawn[7] < EVERY_SECOND) & augmentation.vertical_flip,
        channel_shift=_spread(drawn[8], augmentation.channel_shift_range),
        brightness=low + drawn[9] * (high - low),
    )


def affine_maps(transforms: Transforms, image_size: tuple[int, int]) -> tuple[Floats, Floats]:
    """Return where each output pixel is read from: `input = matrix @ output + offset`.

    Matrices are `(n, 2, 2)`, offsets `(n, 2)`, coordinates `(row, column)` in pixels. Rotation,
    shift, shear and zoom are about the image's centre, in the order of Keras's
    `apply_affine_transform`. Keras flips afterwards; here the same map is read from the other end.
    """
    cos, sin = np.cos(np.deg2rad(transforms.theta)), np.sin(np.deg2rad(transforms.theta))
    shear = np.deg2rad(transforms.shear)
    zx, zy, tx, ty = transforms.zx, transforms.zy, transforms.tx, transforms.ty
    matrix = np.empty((len(transforms), 2, 2))
    matrix[:, 0, 0] = cos * zx
    matrix[:, 0, 1] = -(cos * np.sin(shear) + sin * np.cos(shear)) * zy
    matrix[:, 1, 0] = sin * zx
    matrix[:, 1, 1] = (cos * np.cos(shear) - sin * np.sin(shear)) * zy
    # (column, row), as in Keras, until the swap below
    centre = np.array(image_size[::-1]) / 2 - 0.5
    offset = centre - matrix @ centre + np.stack((cos * tx - sin * ty, sin * tx + cos * ty), -1)
    matrix, offset = matrix[:, ::-1, ::-1], offset[:, ::-1]
    for axis, flip in enumerate((transforms.flip_vertical, transforms.flip_horizontal)):
        offset[flip] += matrix[flip, :, axis] * (image_size[axis] - 1)
        matrix[flip, :, axis] *= -1
    return matrix, offset


def _spread(drawn: Floats, reach: float) -> Floats:
    return (2 * drawn - 1) * reach


def _shift(drawn: Floats, reach: float, side: int) -> Floats:
    if not isinstance(reach, int):
        return _spread(drawn, reach * side if reach < 1 else reach)
    # Keras draws a magnitude from range(reach) and a sign: 0 is twice as likely as the others.
    magnitude, sign = np.divmod(np.floor(drawn * 2 * reach), 2)
    shift: Floats = magnitude * (2 * sign - 1)
    return shift
