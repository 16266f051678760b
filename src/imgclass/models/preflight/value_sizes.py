"""The sizes of layers that mix, normalize, merge or reorder values."""

import math
from collections.abc import Sequence

from imgclass.models.preflight.refusal import shown
from imgclass.models.preflight.sizes import (
    Config,
    Shape,
    Size,
    UnknownSizeError,
    axes_of,
    axis_of,
    only,
)


def dense(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of `Dense`."""
    shape = only(shapes)
    units = config["units"]
    work = math.prod(shape) * units
    return Size((*shape[:-1], units), units * (shape[-1] + config["use_bias"]), work=work)


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
    """Return the size of normalizations with a scale and a center for each value of some axes."""
    shape = only(shapes)
    values = math.prod(shape[axis] for axis in axes_of(config["axis"], shape))
    center = config.get("center", False) and not config.get("rms_scaling", False)
    return Size(shape, values * (config.get("scale", True) + center))


def standardized(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of `Normalization`; a mean in the configuration is no parameter."""
    shape = only(shapes)
    axis = config["axis"]
    values = 1 if axis is None else math.prod(shape[a] for a in axes_of(axis, shape))
    for setting in ("mean", "variance"):
        given = config[setting]
        if isinstance(given, list) and len(given) not in (1, values):
            raise UnknownSizeError(f"its {setting} has {len(given):,} values, not {values:,}")
    return Size(shape, 2 * values + 1 if config["mean"] is None else 0)


def rescaled(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of `Rescaling`."""
    shape = only(shapes)
    for setting in ("scale", "offset"):
        given = config[setting]
        if isinstance(given, list) and len(given) not in (1, *shape[-1:]):
            raise UnknownSizeError(f"its {setting} has {len(given):,} values for {shape}")
    return Size(shape)


def scaled(config: Config, shapes: Sequence[Shape], *, setting: str) -> Size:
    """Return the size of a layer with one parameter a channel, as many as `setting` says."""
    shape = only(shapes)
    if shape[-1:] != (config[setting],):
        raise UnknownSizeError(f"it is for {config[setting]:,} channels and receives {shape}")
    return Size(shape, config[setting])


def prelu(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of `PReLU`."""
    shape = only(shapes)
    shared = axes_of(config["shared_axes"], shape) if config["shared_axes"] is not None else ()
    return Size(shape, math.prod(side for i, side in enumerate(shape) if i not in shared))


def merged(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of layers that combine several inputs value by value."""
    del config
    return Size(broadcast(shapes))


def broadcast(shapes: Sequence[Shape]) -> Shape:
    """Return the shape to which shapes are broadcast; all but numbers have equally many axes."""
    if not shapes or len({len(shape) for shape in shapes if shape}) > 1:
        raise UnknownSizeError(f"it receives shapes of different numbers of axes: {list(shapes)}")
    longest = max(shapes, key=len)
    out = []
    for sides in zip(*(shape or (1,) * len(longest) for shape in shapes), strict=True):
        wide = {side for side in sides if side != 1}
        if len(wide) > 1:
            raise UnknownSizeError(f"it receives shapes that do not match: {list(shapes)}")
        out.append(wide.pop() if wide else 1)
    return tuple(out)


def concatenated(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of `Concatenate`."""
    if not shapes:
        raise UnknownSizeError("it receives nothing")
    axis = axis_of(config["axis"], shapes[0])
    rests = {(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}
    if len(rests) > 1 or len({len(shape) for shape in shapes}) > 1:
        raise UnknownSizeError(f"it receives shapes that do not match: {list(shapes)}")
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
        raise UnknownSizeError(f"{shape} has another number of values than {shown(target)}")
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
    """Return the size of `MultiHeadAttention` with a query, a value and, if given, a key."""
    if len(shapes) not in (2, 3) or not all(shape[1:] for shape in shapes):
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
    return Size(
        (*query[:-1], *out),
        parameters,
        scratch=heads * (places + projected),
        work=heads * places * (of_key + of_value),
    )


def reduced(config: Config, shapes: Sequence[Shape]) -> Size:
    """Return the size of a reduction of axes, such as a mean."""
    shape = only(shapes)
    if config["axis"] is None:
        raise UnknownSizeError("it reduces the batch axis")
    gone = axes_of(config["axis"], shape)
    if config["keepdims"]:
        return Size(tuple(1 if i in gone else side for i, side in enumerate(shape)))
    return Size(tuple(side for i, side in enumerate(shape) if i not in gone))
