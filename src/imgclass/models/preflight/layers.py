"""The layers and operations that a model file may name, with their settings and their sizes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from imgclass.models.preflight import image_sizes, sizes, value_sizes
from imgclass.models.preflight.sizes import same
from imgclass.models.preflight.values import (
    AXES,
    AXIS,
    BOOL,
    BORDERS,
    COUNT,
    COUNT_OR_ALL,
    COUNTS,
    DTYPE,
    FEW_NUMBERS,
    FORMAT,
    INPUT_SHAPE,
    NAME,
    NO,
    NOISE_SHAPE,
    NUMBER,
    NUMBERS,
    PADDING,
    PAIRS,
    SEED,
    SIZES,
    TARGET_SHAPE,
    Check,
    activation,
    constraint,
    initializer,
    one_of,
    optional,
    policy,
    regularizer,
)


@dataclass(frozen=True, slots=True)
class Known:
    """A class of layers or operations that a file may name.

    `takes` names the arguments, beside the first, that may be tensors.
    """

    settings: Mapping[str, Check]
    size: sizes.Rule
    takes: tuple[str, ...] = ()


def _known(
    size: sizes.Rule, /, *shared: Mapping[str, Check], takes: tuple[str, ...] = (), **own: Check
) -> Known:
    settings: dict[str, Check] = {}
    for each in (*shared, own):
        settings |= each
    return Known(settings, size, takes)


def _weights(*names: str) -> dict[str, Check]:
    kinds = {"initializer": initializer, "regularizer": regularizer, "constraint": constraint}
    return {f"{name}_{word}": kind for name in names for word, kind in kinds.items()}


_INTERPOLATION = one_of(
    *("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "area", "gaussian"),
    "mitchellcubic",
)
_FILL_MODE = one_of("constant", "reflect", "wrap", "nearest", "crop")
_FACTORS = optional(FEW_NUMBERS)

# Settings that several classes share.
_SEEDED: dict[str, Check] = {"seed": SEED}
_IMAGES: dict[str, Check] = {"data_format": FORMAT}
_RANDOM = _IMAGES | _SEEDED
_ACTIVE: dict[str, Check] = {"activation": activation, "use_bias": BOOL}
_WINDOW: dict[str, Check] = {"strides": COUNTS, "padding": PADDING, **_IMAGES}
_KERNEL = _WINDOW | _ACTIVE | {"kernel_size": COUNTS, "dilation_rate": COUNTS}
_CONVOLUTION = _KERNEL | _weights("kernel", "bias") | {"filters": COUNT, "groups": COUNT}
_DEPTHWISE = _KERNEL | _weights("depthwise", "bias") | {"depth_multiplier": COUNT}
_POOLING = _WINDOW | {"pool_size": COUNTS, "strides": optional(COUNTS)}
_SCALED: dict[str, Check] = {
    "axis": AXES,
    "epsilon": NUMBER,
    "center": BOOL,
    "scale": BOOL,
    **_weights("beta", "gamma"),
}
_FILL: dict[str, Check] = {
    "fill_mode": _FILL_MODE,
    "fill_value": NUMBER,
    "interpolation": _INTERPOLATION,
    **_RANDOM,
}
_SHIFTS: dict[str, Check] = {"height_factor": _FACTORS, "width_factor": _FACTORS}
_HEIGHT_AND_WIDTH: dict[str, Check] = {"height": COUNT, "width": COUNT}
_DROPOUT: dict[str, Check] = {"rate": NUMBER, "seed": SEED}
_NOISE: dict[str, Check] = {"noise_shape": NOISE_SHAPE}

_LAYERS: dict[str, Known] = {
    "Activation": _known(same, activation=activation),
    "ActivityRegularization": _known(same, l1=NUMBER, l2=NUMBER),
    "AlphaDropout": _known(same, _DROPOUT, _NOISE),
    "BatchNormalization": _known(
        value_sizes.normalized_by_batch,
        _SCALED,
        momentum=NUMBER,
        moving_mean_initializer=initializer,
        moving_variance_initializer=initializer,
        synchronized=BOOL,
        renorm_momentum=NUMBER,
    ),
    "CenterCrop": _known(image_sizes.resized, _HEIGHT_AND_WIDTH, _IMAGES),
    "Concatenate": _known(value_sizes.concatenated, axis=AXIS),
    "Dense": _known(value_sizes.dense, _ACTIVE, _weights("kernel", "bias"), units=COUNT),
    "Dropout": _known(same, _DROPOUT, _NOISE),
    "ELU": _known(same, alpha=NUMBER),
    "Embedding": _known(
        value_sizes.embedding,
        _weights("embeddings"),
        input_dim=COUNT,
        output_dim=COUNT,
        mask_zero=BOOL,
    ),
    "Flatten": _known(value_sizes.flattened, _IMAGES),
    "GaussianDropout": _known(same, _DROPOUT),
    "GaussianNoise": _known(same, _SEEDED, stddev=NUMBER),
    "GroupNormalization": _known(value_sizes.normalized, _SCALED, groups=COUNT_OR_ALL),
    "Identity": _known(same),
    "InputLayer": _known(
        same, batch_shape=INPUT_SHAPE, dtype=DTYPE, sparse=NO, ragged=NO, optional=BOOL
    ),
    "LayerNormalization": _known(value_sizes.normalized, _SCALED, rms_scaling=BOOL),
    "LeakyReLU": _known(same, negative_slope=NUMBER),
    "MultiHeadAttention": _known(
        value_sizes.attention,
        _SEEDED,
        _weights("kernel", "bias"),
        takes=("value", "key"),
        num_heads=COUNT,
        key_dim=COUNT,
        value_dim=optional(COUNT),
        dropout=NUMBER,
        use_bias=BOOL,
        output_shape=optional(COUNTS),
        attention_axes=optional(AXES),
    ),
    "Normalization": _known(
        value_sizes.standardized,
        axis=optional(AXES),
        mean=optional(NUMBERS),
        variance=optional(NUMBERS),
        invert=BOOL,
    ),
    "PReLU": _known(value_sizes.prelu, _weights("alpha"), shared_axes=optional(AXES)),
    "Permute": _known(value_sizes.permuted, dims=COUNTS),
    "RMSNormalization": _known(value_sizes.normalized, axis=AXES, epsilon=NUMBER),
    "RandomBrightness": _known(same, _RANDOM, factor=_FACTORS, value_range=FEW_NUMBERS),
    "RandomContrast": _known(same, _RANDOM, factor=_FACTORS, value_range=FEW_NUMBERS),
    "RandomCrop": _known(image_sizes.resized, _RANDOM, _HEIGHT_AND_WIDTH),
    "RandomFlip": _known(
        same, _RANDOM, mode=one_of("horizontal", "vertical", "horizontal_and_vertical")
    ),
    "RandomRotation": _known(same, _FILL, factor=_FACTORS),
    "RandomTranslation": _known(same, _FILL, _SHIFTS),
    "RandomZoom": _known(same, _FILL, _SHIFTS),
    "ReLU": _known(same, max_value=optional(NUMBER), negative_slope=NUMBER, threshold=NUMBER),
    "RepeatVector": _known(value_sizes.repeated, n=COUNT),
    "Rescaling": _known(value_sizes.rescaled, scale=NUMBERS, offset=NUMBERS),
    "Reshape": _known(value_sizes.reshaped, target_shape=TARGET_SHAPE),
    "Resizing": _known(
        image_sizes.resized,
        _FILL,
        _HEIGHT_AND_WIDTH,
        crop_to_aspect_ratio=BOOL,
        pad_to_aspect_ratio=BOOL,
        antialias=BOOL,
    ),
    "Softmax": _known(same, axis=AXES),
    "UnitNormalization": _known(same, axis=AXES),
    "UpSampling1D": _known(partial(image_sizes.upsampled, rank=1), size=COUNT),
    "UpSampling2D": _known(
        partial(image_sizes.upsampled, rank=2), _IMAGES, size=COUNTS, interpolation=_INTERPOLATION
    ),
    "UpSampling3D": _known(partial(image_sizes.upsampled, rank=3), _IMAGES, size=COUNTS),
}
for _name in ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"):
    _LAYERS[_name] = _known(value_sizes.merged)
for _rank in (1, 2, 3):
    _cropped = partial(image_sizes.bordered, rank=_rank, setting="cropping", sign=-1)
    _padded = partial(image_sizes.bordered, rank=_rank, setting="padding", sign=1)
    _pooled = _known(partial(image_sizes.pooled, rank=_rank), _POOLING)
    _pooled_globally = _known(
        partial(image_sizes.pooled_globally, rank=_rank), _IMAGES, keepdims=BOOL
    )
    _pooled_to_size = _known(
        partial(image_sizes.pooled_to_size, rank=_rank), _IMAGES, output_size=COUNTS
    )
    _LAYERS |= {
        f"AdaptiveAveragePooling{_rank}D": _pooled_to_size,
        f"AdaptiveMaxPooling{_rank}D": _pooled_to_size,
        f"AveragePooling{_rank}D": _pooled,
        f"Conv{_rank}D": _known(partial(image_sizes.convolution, rank=_rank), _CONVOLUTION),
        f"Conv{_rank}DTranspose": _known(
            partial(image_sizes.transposed, rank=_rank),
            _CONVOLUTION,
            output_padding=optional(SIZES),
        ),
        f"Cropping{_rank}D": _known(_cropped, _IMAGES, cropping=BORDERS),
        f"GlobalAveragePooling{_rank}D": _pooled_globally,
        f"GlobalMaxPooling{_rank}D": _pooled_globally,
        f"MaxPooling{_rank}D": _pooled,
        f"SpatialDropout{_rank}D": _known(same, _DROPOUT, _IMAGES),
        f"ZeroPadding{_rank}D": _known(_padded, _IMAGES, padding=BORDERS),
    }
for _rank in (1, 2):
    _LAYERS |= {
        f"DepthwiseConv{_rank}D": _known(partial(image_sizes.depthwise, rank=_rank), _DEPTHWISE),
        f"SeparableConv{_rank}D": _known(
            partial(image_sizes.separable, rank=_rank),
            _DEPTHWISE,
            _weights("pointwise"),
            filters=COUNT,
        ),
    }
# Layers of networks of keras.applications.
_CONVNEXT: dict[str, Known] = {
    "LayerScale": _known(
        partial(value_sizes.scaled, setting="projection_dim"),
        init_values=NUMBER,
        projection_dim=COUNT,
    ),
    "StochasticDepth": _known(same, drop_path_rate=NUMBER),
}
_INCEPTION_RESNET = {"CustomScaleLayer": _known(value_sizes.merged, scale=NUMBER)}

# Operations on tensors, such as `x + y` and `keras.ops.mean(x, axis=1)`.
_NUMPY: dict[str, Known] = {
    "Flip": _known(same, axis=AXES),
    "Pad": _known(
        image_sizes.padded,
        pad_width=PAIRS,
        mode=one_of("constant", "edge", "reflect", "symmetric"),
    ),
}
for _name in (
    *("Add", "Subtract", "Multiply", "Divide", "TrueDivide", "Maximum", "Minimum", "Power"),
):
    _NUMPY[_name] = _known(value_sizes.merged)
for _name in ("Amax", "Amin", "Max", "Mean", "Min", "Sum"):
    _NUMPY[_name] = _known(value_sizes.reduced, axis=optional(AXES), keepdims=BOOL)
for _name in ("Abs", "Absolute", "Exp", "Log", "Log1p", "Negative", "Sqrt", "Square", "Tanh"):
    _NUMPY[_name] = _known(same)
_NN: dict[str, Known] = {
    "Elu": _known(same, alpha=NUMBER),
    "Gelu": _known(same, approximate=BOOL),
    "LeakyRelu": _known(same, negative_slope=NUMBER),
    "LogSoftmax": _known(same, axis=AXES),
    "Softmax": _known(same, axis=AXES),
}
for _name in (
    *("HardSigmoid", "HardSilu", "LogSigmoid", "Relu", "Relu6", "Sigmoid", "Silu"),
    *("Softplus", "Softsign"),
):
    _NN[_name] = _known(same)


def _in_module(
    module: str, classes: dict[str, Known], common: dict[str, Check]
) -> dict[tuple[str, str], Known]:
    return {
        (module, name): Known(MappingProxyType({**common, **one.settings}), one.size, one.takes)
        for name, one in classes.items()
    }


_OPERATION: dict[str, Check] = {"name": NAME, "dtype": policy}
_LAYER = _OPERATION | {"trainable": BOOL, "activity_regularizer": regularizer}
# By module and class, as Keras writes them.
LAYERS: Mapping[tuple[str, str], Known] = MappingProxyType(
    _in_module("keras.layers", _LAYERS, _LAYER)
    | _in_module("keras.src.applications.convnext", _CONVNEXT, _LAYER)
    | _in_module("keras.src.applications.inception_resnet_v2", _INCEPTION_RESNET, _LAYER)
    | _in_module("keras.src.ops.numpy", _NUMPY, _OPERATION)
    | _in_module("keras.src.ops.nn", _NN, _OPERATION)
)

INPUT = ("keras.layers", "InputLayer")


def kind_of(item: Any) -> tuple[str, str]:
    """Return the module and class that an object names; empty texts if it names none."""
    module, name = (
        (item.get("module"), item.get("class_name")) if isinstance(item, dict) else (0, 0)
    )
    return (module, name) if isinstance(module, str) and isinstance(name, str) else ("", "")


def is_operation(kind: tuple[str, str]) -> bool:
    """Return whether a class is an operation, such as `x + 1`, which may take numbers."""
    return kind[0].startswith("keras.src.ops.")
