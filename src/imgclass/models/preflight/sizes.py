"""What a layer makes of the shapes it is given: its output, its parameters, what it needs.

Shapes are those of one image: without the axis of the batch, and with every side known.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imgclass.models.preflight.refusal import shown

Shape = tuple[int, ...]
Config = Mapping[str, Any]


class UnknownSizeError(Exception):
    """What a layer gives cannot be computed; the message says why."""


@dataclass(frozen=True, slots=True)
class Size:
    """What one call of a layer gives.

    Attributes:
        shape: Of its output.
        parameters: The numbers that the layer learns or keeps.
        scratch: Numbers that it needs for one image beside its output.
    """

    shape: Shape
    parameters: int = 0
    scratch: int = 0


Rule = Callable[[Config, Sequence[Shape]], Size]


def only(shapes: Sequence[Shape], rank: int | None = None) -> Shape:
    """Return the one shape that is given.

    Raises:
        UnknownSizeError: There are several, or it has another rank.
    """
    if len(shapes) != 1 or (rank is not None and len(shapes[0]) != rank):
        wanted = "" if rank is None else f" of {rank} axes"
        received = " and ".join(map(str, shapes)) or "nothing"
        raise UnknownSizeError(f"it takes one input{wanted} and receives {received}")
    return shapes[0]


def same(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of what changes values and no shape."""
    del config
    return Size(only(shapes))


def axis_of(axis: int, shape: Shape) -> int:
    """Return the position in a shape of an axis that counts the batch's.

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
    """Return the sides and the channels of images with some number of sides."""
    shape = only(shapes, rank + 1)
    if config.get("data_format") == "channels_first":
        return shape[1:], shape[0]
    return shape[:-1], shape[-1]


def join(config: Config, sides: Sequence[int], channels: int) -> Shape:
    """Return the shape of images with some sides and channels."""
    if min(sides, default=1) < 1 or channels < 1:
        raise UnknownSizeError(f"nothing is left: {(*sides, channels)}")
    if config.get("data_format") == "channels_first":
        return (channels, *sides)
    return (*sides, channels)


def each(value: Any, rank: int) -> list[Any]:
    """Return a setting of every side: as it is, or one for all."""
    values = value if isinstance(value, list) else [value] * rank
    if len(values) != rank:
        raise UnknownSizeError(f"{shown(value)} is not for {rank} sides")
    return values


def _slide(sides: Shape, window: list[int], strides: list[int], config: Config) -> list[int]:
    """Return the sides of what a window gives that slides over an image."""
    dilation = each(config.get("dilation_rate", 1), len(sides))
    reaches = [d * (w - 1) + 1 for w, d in zip(window, dilation, strict=True)]
    if config["padding"] == "valid":
        sides = tuple(side - reach + 1 for side, reach in zip(sides, reaches, strict=True))
    return [-(-side // stride) for side, stride in zip(sides, strides, strict=True)]


def convolution(rank: int) -> Rule:
    """Return the rule of `Conv1D` to `Conv3D`."""

    def rule(config: Config, shapes: Sequence[Shape]) -> Size:
        sides, channels = split(config, shapes, rank)
        window, strides = each(config["kernel_size"], rank), each(config["strides"], rank)
        filters, groups = config["filters"], config.get("groups", 1)
        out = join(config, _slide(sides, window, strides, config), filters)
        kernel = math.prod(window) * (channels // groups) * filters
        return Size(out, kernel + filters * config["use_bias"])

    return rule


def transposed(rank: int) -> Rule:
    """Return the rule of `Conv1DTranspose` to `Conv3DTranspose`."""

    def rule(config: Config, shapes: Sequence[Shape]) -> Size:
        sides, channels = split(config, shapes, rank)
        window, strides = each(config["kernel_size"], rank), each(config["strides"], rank)
        dilation = each(config.get("dilation_rate", 1), rank)
        added = config.get("output_padding")
        grown = []
        for side, w, s, d, more in zip(
            sides, window, strides, dilation, each(added, rank), strict=True
        ):
            reach = d * (w - 1) + 1
            if more is not None:
                inset = reach // 2 if config["padding"] == "same" else 0
                grown.append((side - 1) * s + reach - 2 * inset + more)
            elif config["padding"] == "same":
                grown.append(side * s)
            else:
                grown.append(side * s + max(reach - s, 0))
        filters = config["filters"]
        kernel = math.prod(window) * channels * filters
        return Size(join(config, grown, filters), kernel + filters * config["use_bias"])

    return rule


def depthwise(rank: int) -> Rule:
    """Return the rule of `DepthwiseConv1D` and `DepthwiseConv2D`."""

    def rule(config: Config, shapes: Sequence[Shape]) -> Size:
        sides, channels = split(config, shapes, rank)
        window, strides = each(config["kernel_size"], rank), each(config["strides"], rank)
        made = channels * config["depth_multiplier"]
        out = join(config, _slide(sides, window, strides, config), made)
        return Size(out, made * (math.prod(window) + config["use_bias"]))

    return rule


def separable(rank: int) -> Rule:
    """Return the rule of `SeparableConv1D` and `SeparableConv2D`."""

    def rule(config: Config, shapes: Sequence[Shape]) -> Size:
        sides, channels = split(config, shapes, rank)
        window, strides = each(config["kernel_size"], rank), each(config["strides"], rank)
        made, filters = channels * config["depth_multiplier"], config["filters"]
        slid = _slide(sides, window, strides, config)
        kernels = made * math.prod(window) + made * filters
        return Size(
            join(config, slid, filters),
            kernels + filters * config["use_bias"],
            scratch=math.prod(slid) * made,
        )

    return rule


def pooling(rank: int) -> Rule:
    """Return the rule of pooling by windows."""

    def rule(config: Config, shapes: Sequence[Shape]) -> Size:
        sides, channels = split(config, shapes, rank)
        window = each(config["pool_size"], rank)
        strides = window if config["strides"] is None else each(config["strides"], rank)
        return Size(join(config, _slide(sides, window, strides, config), channels))

    return rule


def global_pooling(rank: int) -> Rule:
    """Return the rule of pooling over all of an image."""

    def rule(config: Config, shapes: Sequence[Shape]) -> Size:
        _, channels = split(config, shapes, rank)
        return Size(join(config, [1] * rank, channels) if config["keepdims"] else (channels,))

    return rule


def adaptive_pooling(rank: int) -> Rule:
    """Return the rule of pooling to given sides."""

    def rule(config: Config, shapes: Sequence[Shape]) -> Size:
        _, channels = split(config, shapes, rank)
        return Size(join(config, each(config["output_size"], rank), channels))

    return rule


def resized(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of images brought to `height` and `width`."""
    sides, channels = split(config, shapes, 2)
    wanted = [config["height"], config["width"]]
    # Padded to the wanted ratio first, an image has up to this many pixels.
    padded = max(sides[0] * -(-sides[0] * wanted[1] // wanted[0]), 0)
    padded = max(padded, sides[1] * -(-sides[1] * wanted[0] // wanted[1]))
    scratch = padded * channels if config.get("pad_to_aspect_ratio") else 0
    return Size(join(config, wanted, channels), scratch=scratch)


def upsampled(rank: int) -> Rule:
    """Return the rule of `UpSampling1D` to `UpSampling3D`."""

    def rule(config: Config, shapes: Sequence[Shape]) -> Size:
        sides, channels = split(config, shapes, rank)
        times = each(config["size"], rank)
        return Size(join(config, [a * b for a, b in zip(sides, times, strict=True)], channels))

    return rule


def bordered(rank: int, setting: str, sign: int) -> Rule:
    """Return the rule of `ZeroPadding` (sign 1) and `Cropping` (sign -1)."""

    def rule(config: Config, shapes: Sequence[Shape]) -> Size:
        sides, channels = split(config, shapes, rank)
        value = config[setting]
        if rank == 1 and isinstance(value, list):
            value = [value]
        borders = [sum(each(border, 2)) for border in each(value, rank)]
        return Size(
            join(config, [a + sign * b for a, b in zip(sides, borders, strict=True)], channels)
        )

    return rule


def dense(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of `Dense`."""
    shape = only(shapes)
    units = config["units"]
    return Size((*shape[:-1], units), units * (shape[-1] + config["use_bias"]))


def embedding(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of `Embedding`."""
    out = config["output_dim"]
    return Size((*only(shapes), out), config["input_dim"] * out)


def normalized_by_batch(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of `BatchNormalization`."""
    shape = only(shapes)
    channels = math.prod(shape[axis] for axis in axes_of(config["axis"], shape))
    return Size(shape, channels * (2 + config["scale"] + config["center"]))


def normalized(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of the normalizations with a scale and a centre for each value of an axis."""
    shape = only(shapes)
    values = math.prod(shape[axis] for axis in axes_of(config["axis"], shape))
    return Size(shape, values * (config.get("scale", True) + config.get("center", False)))


def standardized(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of `Normalization`; a mean that is given is no parameter."""
    shape = only(shapes)
    axis = config["axis"]
    values = 1 if axis is None else math.prod(shape[a] for a in axes_of(axis, shape))
    for setting in ("mean", "variance"):
        given = config[setting]
        if isinstance(given, list) and len(given) not in (1, values):
            raise UnknownSizeError(f"its {setting} is of {len(given):,} values, not {values:,}")
    return Size(shape, 2 * values + 1 if config["mean"] is None else 0)


def rescaled(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of `Rescaling`."""
    shape = only(shapes)
    for setting in ("scale", "offset"):
        given = config[setting]
        if isinstance(given, list) and len(given) not in (1, *shape[-1:]):
            raise UnknownSizeError(f"its {setting} is of {len(given):,} values for {shape}")
    return Size(shape)


def scaled(setting: str) -> Rule:
    """Return the rule of a layer with one parameter for each of so many channels."""

    def rule(config: Config, shapes: Sequence[Shape]) -> Size:
        shape = only(shapes)
        if shape[-1:] != (config[setting],):
            raise UnknownSizeError(f"it is for {config[setting]:,} channels and receives {shape}")
        return Size(shape, config[setting])

    return rule


def prelu(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of `PReLU`."""
    shape = only(shapes)
    shared = axes_of(config["shared_axes"], shape) if config["shared_axes"] is not None else ()
    return Size(shape, math.prod(side for i, side in enumerate(shape) if i not in shared))


def merged(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of what is computed of several inputs, value by value."""
    del config
    return Size(broadcast(shapes))


def broadcast(shapes: Sequence[Shape]) -> Shape:
    """Return the shape to which several are stretched.

    Raises:
        UnknownSizeError: They do not fit, or have different numbers of axes.
    """
    if not shapes or len({len(shape) for shape in shapes if shape}) > 1:
        raise UnknownSizeError(f"it receives shapes of different numbers of axes: {list(shapes)}")
    longest = max(shapes, key=len)
    out = []
    for sides in zip(*(shape or (1,) * len(longest) for shape in shapes), strict=True):
        wide = {side for side in sides if side != 1}
        if len(wide) > 1:
            raise UnknownSizeError(f"it receives shapes that do not fit: {list(shapes)}")
        out.append(wide.pop() if wide else 1)
    return tuple(out)


def concatenated(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of `Concatenate`."""
    if not shapes:
        raise UnknownSizeError("it receives nothing")
    axis = axis_of(config["axis"], shapes[0])
    rests = {(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}
    if len(rests) > 1 or len({len(shape) for shape in shapes}) > 1:
        raise UnknownSizeError(f"it receives shapes that do not fit: {list(shapes)}")
    out = list(shapes[0])
    out[axis] = sum(shape[axis] for shape in shapes)
    return Size(tuple(out))


def flattened(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of `Flatten`."""
    del config
    return Size((math.prod(only(shapes)),))


def reshaped(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of `Reshape`."""
    shape, target = only(shapes), config["target_shape"]
    values, known = math.prod(shape), math.prod(side for side in target if side != -1)
    if values % known if -1 in target else values != known:
        raise UnknownSizeError(f"{shape} has not the values of {shown(target)}")
    return Size(tuple(values // known if side == -1 else side for side in target))


def permuted(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of `Permute`."""
    shape, order = only(shapes), config["dims"]
    if sorted(order) != list(range(1, len(shape) + 1)):
        raise UnknownSizeError(f"{shown(order)} is no order of the axes of {shape}")
    return Size(tuple(shape[axis - 1] for axis in order))


def repeated(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of `RepeatVector`."""
    return Size((config["n"], *only(shapes, 1)))


def attention(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of `MultiHeadAttention` of a query, a value and, if given, a key."""
    if not 2 <= len(shapes) <= 3 or any(len(shape) < 2 for shape in shapes):
        raise UnknownSizeError(f"it takes a query, a value and a key; it receives {list(shapes)}")
    query, value, key = shapes[0], shapes[1], shapes[-1]
    heads, of_key = config["num_heads"], config["key_dim"]
    of_value = config["value_dim"] or of_key
    last = config["output_shape"]
    out = query[-1:] if last is None else tuple(last if isinstance(last, list) else [last])
    width = math.prod(out)
    bias = config["use_bias"]
    parameters = (
        heads * of_key * (query[-1] + key[-1] + 2 * bias)
        + heads * of_value * (value[-1] + bias)
        + width * (heads * of_value + bias)
    )
    places = math.prod(query[:-1]) * math.prod(value[:-1])
    projected = sum(math.prod(shape[:-1]) * max(of_key, of_value) for shape in shapes)
    return Size((*query[:-1], *out), parameters, scratch=heads * (places + projected))


def reduced(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of an operation that takes axes away, such as a mean."""
    shape = only(shapes)
    if config["axis"] is None:
        raise UnknownSizeError("it takes the axis of the batch away")
    gone = axes_of(config["axis"], shape)
    if config["keepdims"]:
        return Size(tuple(1 if i in gone else side for i, side in enumerate(shape)))
    return Size(tuple(side for i, side in enumerate(shape) if i not in gone))


def padded(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of the operation `Pad`."""
    shape = only(shapes)
    widths = [sum(pair) for pair in config["pad_width"]]
    if len(widths) != len(shape) + 1 or widths[0]:
        raise UnknownSizeError(f"its borders are not for {shape}")
    return Size(tuple(side + more for side, more in zip(shape, widths[1:], strict=True)))
