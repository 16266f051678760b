"""The sizes of layers that slide over images, pool, resize, pad or cut them.

`rank` is the number of an image's sides: 1 for a line, 2 for a picture, 3 for a volume.
"""

import math
from collections.abc import Sequence

from imgclass.models.preflight.sizes import (
    Config,
    Shape,
    Size,
    UnknownSizeError,
    each,
    join,
    only,
    split,
)


def convolution(config: Config, shapes: Sequence[Shape], *, rank: int) -> Size:
    """Return the size of `Conv1D` to `Conv3D`."""
    sides, channels = split(config, shapes, rank)
    window, strides = _window(config, rank)
    filters, groups = config["filters"], config.get("groups", 1)
    slid = _slide(sides, window, strides, config)
    kernel = math.prod(window) * (channels // groups) * filters
    return Size(
        join(config, slid, filters),
        kernel + filters * config["use_bias"],
        work=math.prod(slid) * kernel,
    )


def transposed(config: Config, shapes: Sequence[Shape], *, rank: int) -> Size:
    """Return the size of `Conv1DTranspose` to `Conv3DTranspose`."""
    sides, channels = split(config, shapes, rank)
    window, strides = _window(config, rank)
    dilation = each(config.get("dilation_rate", 1), rank)
    added = each(config.get("output_padding"), rank)
    grown = []
    for side, w, s, d, more in zip(sides, window, strides, dilation, added, strict=True):
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


def depthwise(config: Config, shapes: Sequence[Shape], *, rank: int) -> Size:
    """Return the size of `DepthwiseConv1D` and `DepthwiseConv2D`."""
    sides, channels = split(config, shapes, rank)
    window, strides = _window(config, rank)
    made = channels * config["depth_multiplier"]
    out = join(config, _slide(sides, window, strides, config), made)
    parameters = made * (math.prod(window) + config["use_bias"])
    return Size(out, parameters, work=math.prod(out) * math.prod(window))


def separable(config: Config, shapes: Sequence[Shape], *, rank: int) -> Size:
    """Return the size of `SeparableConv1D` and `SeparableConv2D`."""
    sides, channels = split(config, shapes, rank)
    window, strides = _window(config, rank)
    made, filters = channels * config["depth_multiplier"], config["filters"]
    slid = _slide(sides, window, strides, config)
    kernels = made * math.prod(window) + made * filters
    return Size(
        join(config, slid, filters),
        kernels + filters * config["use_bias"],
        scratch=math.prod(slid) * made,
        work=math.prod(slid) * kernels,
    )


def pooled(config: Config, shapes: Sequence[Shape], *, rank: int) -> Size:
    """Return the size of pooling by windows."""
    sides, channels = split(config, shapes, rank)
    window = each(config["pool_size"], rank)
    strides = window if config["strides"] is None else each(config["strides"], rank)
    out = join(config, _slide(sides, window, strides, config), channels)
    return Size(out, work=math.prod(out) * math.prod(window))


def pooled_globally(config: Config, shapes: Sequence[Shape], *, rank: int) -> Size:
    """Return the size of pooling over a whole image."""
    _, channels = split(config, shapes, rank)
    return Size(join(config, [1] * rank, channels) if config["keepdims"] else (channels,))


def pooled_to_size(config: Config, shapes: Sequence[Shape], *, rank: int) -> Size:
    """Return the size of pooling to given sides."""
    _, channels = split(config, shapes, rank)
    return Size(join(config, each(config["output_size"], rank), channels))


def resized(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of images brought to `height` and `width`."""
    sides, channels = split(config, shapes, 2)
    wanted = [config["height"], config["width"]]
    # An image that is first padded to the wanted ratio has up to this many pixels.
    padded = max(sides[0] * -(-sides[0] * wanted[1] // wanted[0]), 0)
    padded = max(padded, sides[1] * -(-sides[1] * wanted[0] // wanted[1]))
    scratch = padded * channels if config.get("pad_to_aspect_ratio") else 0
    return Size(join(config, wanted, channels), scratch=scratch)


def upsampled(config: Config, shapes: Sequence[Shape], *, rank: int) -> Size:
    """Return the size of `UpSampling1D` to `UpSampling3D`."""
    sides, channels = split(config, shapes, rank)
    times = each(config["size"], rank)
    return Size(join(config, [a * b for a, b in zip(sides, times, strict=True)], channels))


def bordered(
    config: Config, shapes: Sequence[Shape], *, rank: int, setting: str, sign: int
) -> Size:
    """Return the size of `ZeroPadding` (sign 1) and `Cropping` (sign -1)."""
    sides, channels = split(config, shapes, rank)
    value = config[setting]
    if rank == 1 and isinstance(value, list):
        value = [value]
    borders = [sum(each(border, 2)) for border in each(value, rank)]
    return Size(join(config, [a + sign * b for a, b in zip(sides, borders, strict=True)], channels))


def padded(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of the operation `Pad`."""
    shape = only(shapes)
    widths = [sum(pair) for pair in config["pad_width"]]
    if len(widths) != len(shape) + 1 or widths[0]:
        raise UnknownSizeError(f"its borders do not match {shape}")
    return Size(tuple(side + more for side, more in zip(shape, widths[1:], strict=True)))


def _window(config: Config, rank: int) -> tuple[list[int], list[int]]:
    return each(config["kernel_size"], rank), each(config["strides"], rank)


def _slide(sides: Shape, window: list[int], strides: list[int], config: Config) -> list[int]:
    """The sides of a sliding window's output."""
    dilation = each(config.get("dilation_rate", 1), len(sides))
    reaches = [d * (w - 1) + 1 for w, d in zip(window, dilation, strict=True)]
    if config["padding"] == "valid":
        sides = tuple(side - reach + 1 for side, reach in zip(sides, reaches, strict=True))
    return [-(-side // stride) for side, stride in zip(sides, strides, strict=True)]
