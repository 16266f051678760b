"""The sizes of layers that slide over images, pool, resize, pad or cut them."""

import math
from collections.abc import Sequence

from imgclass.models.preflight.sizes import (
    Config,
    Rule,
    Shape,
    Size,
    UnknownSizeError,
    each,
    join,
    only,
    split,
)


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
        slid = _slide(sides, window, strides, config)
        kernel = math.prod(window) * (channels // groups) * filters
        return Size(
            join(config, slid, filters),
            kernel + filters * config["use_bias"],
            work=math.prod(slid) * kernel,
        )

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
        return Size(
            join(config, grown, filters),
            kernel + filters * config["use_bias"],
            work=math.prod(sides) * kernel,
        )

    return rule


def depthwise(rank: int) -> Rule:
    """Return the rule of `DepthwiseConv1D` and `DepthwiseConv2D`."""

    def rule(config: Config, shapes: Sequence[Shape]) -> Size:
        sides, channels = split(config, shapes, rank)
        window, strides = each(config["kernel_size"], rank), each(config["strides"], rank)
        made = channels * config["depth_multiplier"]
        out = join(config, _slide(sides, window, strides, config), made)
        parameters = made * (math.prod(window) + config["use_bias"])
        return Size(out, parameters, work=math.prod(out) * math.prod(window))

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
            work=math.prod(slid) * kernels,
        )

    return rule


def pooling(rank: int) -> Rule:
    """Return the rule of pooling by windows."""

    def rule(config: Config, shapes: Sequence[Shape]) -> Size:
        sides, channels = split(config, shapes, rank)
        window = each(config["pool_size"], rank)
        strides = window if config["strides"] is None else each(config["strides"], rank)
        out = join(config, _slide(sides, window, strides, config), channels)
        return Size(out, work=math.prod(out) * math.prod(window))

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


def padded(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of the operation `Pad`."""
    shape = only(shapes)
    widths = [sum(pair) for pair in config["pad_width"]]
    if len(widths) != len(shape) + 1 or widths[0]:
        raise UnknownSizeError(f"its borders are not for {shape}")
    return Size(tuple(side + more for side, more in zip(shape, widths[1:], strict=True)))
