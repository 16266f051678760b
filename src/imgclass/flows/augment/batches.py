"""A batch of images changed by its transforms, in pure NumPy."""

import numpy as np
import numpy.typing as npt

from imgclass.flows.augment.augmentation import Augmentation
from imgclass.flows.augment.transforms import Floats, Transforms, affine_maps
from imgclass.flows.augment.warps import warp


def apply_transforms(
    images: npt.NDArray[np.uint8], transforms: Transforms, *, augmentation: Augmentation
) -> npt.NDArray[np.uint8]:
    """Change raw RGB images `(n, height, width, 3)` as Keras's `apply_transform`, within rounding.

    Unlike Keras, it shifts along the axis that is named, and turns about the centre also of images
    that are not square. `augmentation` is what `transforms` were drawn from.
    """
    changes_colour = augmentation.brightness_range or augmentation.channel_shift_range
    changed = np.empty(images.shape, np.float32 if changes_colour else np.uint8)
    if augmentation.is_geometric:
        warp(
            images,
            affine_maps(transforms, images.shape[1:3]),
            out=changed,
            fill_mode=augmentation.fill_mode,
            cval=augmentation.cval,
            order=augmentation.interpolation_order,
        )
    else:
        np.copyto(changed, images)
    if augmentation.channel_shift_range:
        _shift_channels(changed, transforms.channel_shift)
    if augmentation.brightness_range:
        _brighten(changed, transforms.brightness)
    return np.rint(changed).astype(np.uint8) if changes_colour else changed


def _shift_channels(images: npt.NDArray[np.float32], by: Floats) -> None:
    darkest = images.min(axis=(1, 2, 3), keepdims=True)
    brightest = images.max(axis=(1, 2, 3), keepdims=True)
    images += by.astype(np.float32)[:, None, None, None]
    np.clip(images, darkest, brightest, out=images)


def _brighten(images: npt.NDArray[np.float32], factor: Floats) -> None:
    # Keras hands bytes to Pillow here; both cut off fractions.
    np.floor(images, out=images)
    images *= factor.astype(np.float32)[:, None, None, None]
    np.clip(images, 0, 255, out=images)
    np.floor(images, out=images)
