"""The size of one call of a layer: its output, its parameters, and what it needs.

Shapes are of one image: without the batch axis, and with every side known.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imgclass.models.preflight.refusal import shown

Shape = tuple[int, ...]
Config = Mapping[str, Any]


class UnknownSizeError(Exception):
    """The size of a layer cannot be computed; the message says why."""


@dataclass(frozen=True, slots=True)
class Size:
    """The size of one call of a layer for one image.

    Attributes:
        shape: The shape of its output.
        parameters: The numbers that the layer learns or keeps.
        scratch: The numbers that it needs beside its output.
        work: Multiplications or comparisons, if they are more than the numbers.
    """

    shape: Shape
    parameters: int = 0
    scratch: int = 0
    work: int = 0


Rule = Callable[[Config, Sequence[Shape]], Size]


def only(shapes: Sequence[Shape], rank: int | None = None) -> Shape:
    """Return the only shape, of `rank` axes if that is given."""
    if len(shapes) != 1 or (rank is not None and len(shapes[0]) != rank):
        wanted = "" if rank is None else f" of {rank} axes"
        received = " and ".join(map(str, shapes)) or "nothing"
        raise UnknownSizeError(f"it takes one input{wanted} and receives {received}")
    return shapes[0]


def same(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of a layer that keeps the shape."""
    del config
    return Size(only(shapes))


def axis_of(axis: int, shape: Shape) -> int:
    """Return the position in a shape of an axis counted with the batch axis.

    Example:
        >>> axis_of(3, (8, 8, 64)), axis_of(-1, (8, 8, 64))
        (2, 2)
    """
    position = axis - 1 if axis > 0 else axis + len(shape)
    if not axis or not 0 <= position < len(shape):
        raise UnknownSizeError(f"it has no axis {axis}")
    return position


def axes_of(axes: Any, shape: Shape) -> tuple[int, ...]:
    """Return the positions of one axis or several."""
    return tuple(axis_of(axis, shape) for axis in (axes if isinstance(axes, list) else [axes]))


def split(config: Config, shapes: Sequence[Shape], rank: int) -> tuple[Shape, int]:
    """Return the sides and the channels of images with `rank` sides."""
    shape = only(shapes, rank + 1)
    if config.get("data_format") == "channels_first":
        return shape[1:], shape[0]
    return shape[:-1], shape[-1]


def join(config: Config, sides: Sequence[int], channels: int) -> Shape:
    """Return the shape of images with these sides and channels."""
    if min(sides, default=1) < 1 or channels < 1:
        raise UnknownSizeError(f"nothing is left: {(*sides, channels)}")
    if config.get("data_format") == "channels_first":
        return (channels, *sides)
    return (*sides, channels)


def each(value: Any, rank: int) -> list[Any]:
    """Return a setting as a list with a value for each side."""
    values = value if isinstance(value, list) else [value] * rank
    if len(values) != rank:
        raise UnknownSizeError(f"{shown(value)} does not have {rank} entries")
    return values
