"""What stands outside an image: coordinates folded back into it, as `scipy.ndimage` does."""

from typing import Any

import numpy as np
import numpy.typing as npt

from imgclass.flows.augmentation import FillMode


def fold(coordinates: npt.NDArray[np.floating[Any]], side: int, *, fill_mode: FillMode) -> None:
    """Replace coordinates outside `[0, side - 1]` by the ones inside that hold the same value.

    `constant` has no such place; its coordinates are clipped like those of `nearest`, and the
    caller puts the constant there.

    Args:
        coordinates: Pixels along one axis, changed in place.
        side: Length of the axis in pixels.
        fill_mode: As in `scipy.ndimage`: `reflect` repeats the last pixel (`d c b a | a b c d`),
            `wrap` has the period `side - 1`, so that the last pixel takes the place of the first.

    Example:
        >>> coordinates = np.array([-1.0, 0.5, 3.0, 4.0])
        >>> fold(coordinates, 4, fill_mode="reflect")
        >>> coordinates
        array([0. , 0.5, 3. , 3. ])
    """
    if fill_mode == "reflect":
        _reflect(coordinates, side)
    elif fill_mode == "wrap":
        _wrap(coordinates, side - 1)
    np.clip(coordinates, 0, side - 1, out=coordinates)


def _reflect(coordinates: npt.NDArray[np.floating[Any]], side: int) -> None:
    # A triangle wave about the outer edges of the border pixels, half a pixel outside.
    coordinates += 0.5
    np.abs(coordinates, out=coordinates)
    if coordinates.max() > 2 * side:
        np.fmod(coordinates, 2 * side, out=coordinates)
    coordinates -= side
    np.abs(coordinates, out=coordinates)
    np.subtract(side - 0.5, coordinates, out=coordinates)


def _wrap(coordinates: npt.NDArray[np.floating[Any]], period: int) -> None:
    if period == 0:
        return
    before, after = coordinates < 0, coordinates > period
    coordinates[before] += period * (np.floor(-coordinates[before] / period) + 1)
    coordinates[after] -= period * np.floor(coordinates[after] / period)
