"""Changes of colour for a batch of images; each gives the pixels that Pillow gives for one.

Most give a channel's value another value wherever it stands. They are made as tables
`(n, channels, 256)` of bytes, with one channel if all three share it.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Images = npt.NDArray[np.uint8]
Factors = npt.NDArray[np.float32]

LEVELS = 256
BRIGHTEST = 255
VALUES = np.arange(LEVELS)


def look_up(images: Images, tables: Images) -> Images:
    """Return images `(n, height, width, 3)` with each value replaced by its table's."""
    firsts = np.arange(tables.size // LEVELS).reshape(len(tables), 1, 1, -1) * LEVELS
    changed: Images = tables.ravel().take(images + firsts)
    return changed


def brightness_tables(factors: Factors) -> Images:
    """Multiply each image by its factor, as `ImageEnhance.Brightness`."""
    return _blend(np.float32(0), VALUES, factors[:, None, None])


def contrast_tables(images: Images, factors: Factors) -> Images:
    """Move each image away from its mean grey by a factor, as `ImageEnhance.Contrast`."""
    mean = np.floor(_grey(images).mean(axis=(1, 2)) + 0.5).astype(np.float32)
    return _blend(mean[:, None, None], VALUES, factors[:, None, None])


def posterize_tables(n: int, *, bits: int) -> Images:
    """Keep the highest `bits` of 8, as `ImageOps.posterize`."""
    kept = VALUES & ~(2 ** (8 - bits) - 1)
    return np.tile(kept.astype(np.uint8), (n, 1, 1))


def solarize_tables(n: int, *, threshold: float) -> Images:
    """Invert values from `threshold` on, as `ImageOps.solarize`."""
    inverted = np.where(threshold > VALUES, VALUES, BRIGHTEST - VALUES)
    return np.tile(inverted.astype(np.uint8), (n, 1, 1))


def autocontrast_tables(images: Images) -> Images:
    """Stretch each channel to 0-255, as `ImageOps.autocontrast`."""
    channels = _channels(images)
    low = channels.min(axis=2, keepdims=True).astype(np.float64)
    high = channels.max(axis=2, keepdims=True)
    scale = BRIGHTEST / np.maximum(high - low, 1)
    stretched = np.clip(VALUES * scale - low * scale, 0, BRIGHTEST)
    return np.where(high > low, stretched, VALUES).astype(np.uint8)


def equalize_tables(images: Images) -> Images:
    """Make all levels of each channel equally frequent, as `ImageOps.equalize`."""
    counts = _histograms(images)
    last = np.take_along_axis(counts, LEVELS - 1 - (counts[..., ::-1] > 0).argmax(2)[..., None], 2)
    step = (counts.sum(axis=2, keepdims=True) - last) // BRIGHTEST
    below = np.cumsum(counts, axis=2) - counts
    levels = np.minimum((step // 2 + below) // np.maximum(step, 1), BRIGHTEST)
    return np.where(step > 0, levels, VALUES).astype(np.uint8)


def saturate(images: Images, factors: Factors) -> Images:
    """Move each pixel away from its grey by its image's factor, as `ImageEnhance.Color`."""
    return _blend(_grey(images)[..., None], images, factors[:, None, None, None])


def sharpen(images: Images, factors: Factors) -> Images:
    """Move each pixel away from its surroundings by a factor, as `ImageEnhance.Sharpness`.

    These are the mean of 3 x 3 pixels, the middle one five times; the border is left as it is.
    """
    wide = images.astype(np.uint16)
    rows = wide[:, :-2] + wide[:, 1:-1] + wide[:, 2:]
    total = rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:] + 4 * wide[:, 1:-1, 1:-1]
    smooth = images.copy()
    smooth[:, 1:-1, 1:-1] = (2 * total + 13) // 26  # a thirteenth, rounded
    return _blend(smooth, images, factors[:, None, None, None])


def _blend(plain: Any, values: npt.NDArray[Any], factors: Factors) -> Images:
    """Go from `plain` to `values` and on by a factor; Pillow cuts off fractions, in float32."""
    plain = np.asarray(plain, np.float32)
    moved = (values.astype(np.float32) - plain) * factors
    moved += plain
    blended: Images = np.clip(moved, 0, BRIGHTEST, out=moved).astype(np.uint8)
    return blended


def _grey(images: Images) -> npt.NDArray[np.uint8]:
    """Return the luma `(n, height, width)` of ITU-R 601, in Pillow's fixed point."""
    red, green, blue = (images[..., channel].astype(np.uint32) for channel in range(3))
    luma = red * 19_595 + green * 38_470 + blue * 7_471 + 0x8000
    return (luma >> 16).astype(np.uint8)


def _channels(images: Images) -> Images:
    """Return each channel's values, `(n, 3, height * width)`."""
    n = len(images)
    return np.ascontiguousarray(images.reshape(n, -1, 3).transpose(0, 2, 1))


def _histograms(images: Images) -> npt.NDArray[np.int64]:
    """Count the pixels of each value in each channel, `(n, 3, 256)`."""
    n = len(images)
    firsts = np.arange(3 * n).reshape(n, 1, 3) * LEVELS
    places = (images.reshape(n, -1, 3) + firsts).ravel()
    return np.bincount(places, minlength=3 * n * LEVELS).reshape(n, 3, LEVELS)
