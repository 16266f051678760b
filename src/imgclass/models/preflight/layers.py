"""The layers and operations that a model file may name: their settings, and their sizes."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from imgclass.models.preflight import image_sizes, sizes, value_sizes
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
    NAME_OF,
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
    """What is known of a class of layers.

    Attributes:
        settings: What each setting may be.
        size: What it makes of shapes.
        takes: The names of arguments beside the first that may be tensors.
    """

    settings: Mapping[str, Check]
    size: sizes.Rule
    takes: tuple[str, ...] = ()


def _weighted(*names: str) -> dict[str, Check]:
    """Return the settings of a layer for each weight: initializer, regularizer, constraint."""
    kinds = {"initializer": initializer, "regularizer": regularizer, "constraint": constraint}
    return {f"{name}_{word}": kind for name in names for word, kind in kinds.items()}


_COMMON: dict[str, Check] = {
    "name": NAME_OF,
    "trainable": BOOL,
    "dtype": policy,
    "activity_regularizer": regularizer,
}
_ACTIVE: dict[str, Check] = {"activation": activation, "use_bias": BOOL}
_WINDOW: dict[str, Check] = {
    "kernel_size": COUNTS,
    "strides": COUNTS,
    "padding": PADDING,
    "data_format": FORMAT,
    "dilation_rate": COUNTS,
    **_ACTIVE,
}
_CONVOLUTION: dict[str, Check] = {
    "filters": COUNT,
    "groups": COUNT,
    **_WINDOW,
    **_weighted("kernel", "bias"),
}
_TRANSPOSED: dict[str, Check] = {**_CONVOLUTION, "output_padding": optional(SIZES)}
_DEPTHWISE: dict[str, Check] = {
    "depth_multiplier": COUNT,
    **_WINDOW,
    **_weighted("depthwise", "bias"),
}
_SEPARABLE: dict[str, Check] = {
    "filters": COUNT,
    **_DEPTHWISE,
    **_weighted("pointwise"),
}
_POOLING: dict[str, Check] = {
    "pool_size": COUNTS,
    "strides": optional(COUNTS),
    "padding": PADDING,
    "data_format": FORMAT,
}
_GLOBAL: dict[str, Check] = {"data_format": FORMAT, "keepdims": BOOL}
_ADAPTIVE: dict[str, Check] = {"output_size": COUNTS, "data_format": FORMAT}
_SCALED: dict[str, Check] = {
    "axis": AXES,
    "epsilon": NUMBER,
    "center": BOOL,
    "scale": BOOL,
    **_weighted("beta", "gamma"),
}
_BATCH: dict[str, Check] = {
    **_SCALED,
    "momentum": NUMBER,
    "moving_mean_initializer": initializer,
    "moving_variance_initializer": initializer,
    "synchronized": BOOL,
    "renorm_momentum": NUMBER,
}
_FILL: dict[str, Check] = {
    "data_format": FORMAT,
    "seed": SEED,
    "fill_mode": one_of("constant", "reflect", "wrap", "nearest", "crop"),
    "fill_value": NUMBER,
    "interpolation": one_of(
        "nearest",
        "bilinear",
        "bicubic",
        "lanczos3",
        "lanczos5",
        "area",
        "gaussian",
        "mitchellcubic",
    ),
}
_RANDOM: dict[str, Check] = {"data_format": FORMAT, "seed": SEED}
_FACTORS = optional(FEW_NUMBERS)
_DROPOUT: dict[str, Check] = {"rate": NUMBER, "seed": SEED}

_LAYERS: dict[str, Known] = {
    "Activation": Known({"activation": activation}, sizes.same),
    "ActivityRegularization": Known({"l1": NUMBER, "l2": NUMBER}, sizes.same),
    "AlphaDropout": Known({**_DROPOUT, "noise_shape": NOISE_SHAPE}, sizes.same),
    "BatchNormalization": Known(_BATCH, value_sizes.normalized_by_batch),
    "CenterCrop": Known(
        {"height": COUNT, "width": COUNT, "data_format": FORMAT}, image_sizes.resized
    ),
    "Concatenate": Known({"axis": AXIS}, value_sizes.concatenated),
    "Conv1DTranspose": Known(_TRANSPOSED, image_sizes.transposed(1)),
    "Conv2DTranspose": Known(_TRANSPOSED, image_sizes.transposed(2)),
    "Conv3DTranspose": Known(_TRANSPOSED, image_sizes.transposed(3)),
    "Dense": Known({"units": COUNT, **_ACTIVE, **_weighted("kernel", "bias")}, value_sizes.dense),
    "DepthwiseConv1D": Known(_DEPTHWISE, image_sizes.depthwise(1)),
    "DepthwiseConv2D": Known(_DEPTHWISE, image_sizes.depthwise(2)),
    "Dropout": Known({**_DROPOUT, "noise_shape": NOISE_SHAPE}, sizes.same),
    "ELU": Known({"alpha": NUMBER}, sizes.same),
    "Embedding": Known(
        {"input_dim": COUNT, "output_dim": COUNT, "mask_zero": BOOL, **_weighted("embeddings")},
        value_sizes.embedding,
    ),
    "Flatten": Known({"data_format": FORMAT}, value_sizes.flattened),
    "GaussianDropout": Known(_DROPOUT, sizes.same),
    "GaussianNoise": Known({"stddev": NUMBER, "seed": SEED}, sizes.same),
    "GroupNormalization": Known({**_SCALED, "groups": COUNT_OR_ALL}, value_sizes.normalized),
    "Identity": Known({}, sizes.same),
    "InputLayer": Known(
        {
            "batch_shape": INPUT_SHAPE,
            "dtype": DTYPE,
            "sparse": NO,
            "ragged": NO,
            "optional": BOOL,
        },
        sizes.same,
    ),
    "LayerNormalization": Known({**_SCALED, "rms_scaling": BOOL}, value_sizes.normalized),
    "LeakyReLU": Known({"negative_slope": NUMBER}, sizes.same),
    "MultiHeadAttention": Known(
        {
            "num_heads": COUNT,
            "key_dim": COUNT,
            "value_dim": optional(COUNT),
            "dropout": NUMBER,
            "use_bias": BOOL,
            "output_shape": optional(COUNTS),
            "attention_axes": optional(AXES),
            "seed": SEED,
            **_weighted("kernel", "bias"),
        },
        value_sizes.attention,
        takes=("value", "key"),
    ),
    "Normalization": Known(
        {
            "axis": optional(AXES),
            "mean": optional(NUMBERS),
            "variance": optional(NUMBERS),
            "invert": BOOL,
        },
        value_sizes.standardized,
    ),
    "PReLU": Known({"shared_axes": optional(AXES), **_weighted("alpha")}, value_sizes.prelu),
    "Permute": Known({"dims": COUNTS}, value_sizes.permuted),
    "RMSNormalization": Known({"axis": AXES, "epsilon": NUMBER}, value_sizes.normalized),
    "RandomBrightness": Known(
        {**_RANDOM, "factor": _FACTORS, "value_range": FEW_NUMBERS}, sizes.same
    ),
    "RandomContrast": Known(
        {**_RANDOM, "factor": _FACTORS, "value_range": FEW_NUMBERS}, sizes.same
    ),
    "RandomCrop": Known({**_RANDOM, "height": COUNT, "width": COUNT}, image_sizes.resized),
    "RandomFlip": Known(
        {**_RANDOM, "mode": one_of("horizontal", "vertical", "horizontal_and_vertical")}, sizes.same
    ),
    "RandomRotation": Known({**_FILL, "factor": _FACTORS}, sizes.same),
    "RandomTranslation": Known(
        {**_FILL, "height_factor": _FACTORS, "width_factor": _FACTORS}, sizes.same
    ),
    "RandomZoom": Known({**_FILL, "height_factor": _FACTORS, "width_factor": _FACTORS}, sizes.same),
    "ReLU": Known(
        {"max_value": optional(NUMBER), "negative_slope": NUMBER, "threshold": NUMBER}, sizes.same
    ),
    "RepeatVector": Known({"n": COUNT}, value_sizes.repeated),
    "Rescaling": Known({"scale": NUMBERS, "offset": NUMBERS}, value_sizes.rescaled),
    "Reshape": Known({"target_shape": TARGET_SHAPE}, value_sizes.reshaped),
    "Resizing": Known(
        {
            **_FILL,
            "height": COUNT,
            "width": COUNT,
            "crop_to_aspect_ratio": BOOL,
            "pad_to_aspect_ratio": BOOL,
            "antialias": BOOL,
        },
        image_sizes.resized,
    ),
    "SeparableConv1D": Known(_SEPARABLE, image_sizes.separable(1)),
    "SeparableConv2D": Known(_SEPARABLE, image_sizes.separable(2)),
    "Softmax": Known({"axis": AXES}, sizes.same),
    "UnitNormalization": Known({"axis": AXES}, sizes.same),
    "UpSampling1D": Known({"size": COUNT}, image_sizes.upsampled(1)),
    "UpSampling2D": Known(
        {"size": COUNTS, "data_format": FORMAT, "interpolation": _FILL["interpolation"]},
        image_sizes.upsampled(2),
    ),
    "UpSampling3D": Known({"size": COUNTS, "data_format": FORMAT}, image_sizes.upsampled(3)),
}
for _name in ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"):
    _LAYERS[_name] = Known({}, value_sizes.merged)
for _rank in (1, 2, 3):
    _LAYERS |= {
        f"AdaptiveAveragePooling{_rank}D": Known(_ADAPTIVE, image_sizes.adaptive_pooling(_rank)),
        f"AdaptiveMaxPooling{_rank}D": Known(_ADAPTIVE, image_sizes.adaptive_pooling(_rank)),
        f"AveragePooling{_rank}D": Known(_POOLING, image_sizes.pooling(_rank)),
        f"Conv{_rank}D": Known(_CONVOLUTION, image_sizes.convolution(_rank)),
        f"Cropping{_rank}D": Known(
            {"cropping": BORDERS, "data_format": FORMAT},
            image_sizes.bordered(_rank, "cropping", -1),
        ),
        f"GlobalAveragePooling{_rank}D": Known(_GLOBAL, image_sizes.global_pooling(_rank)),
        f"GlobalMaxPooling{_rank}D": Known(_GLOBAL, image_sizes.global_pooling(_rank)),
        f"MaxPooling{_rank}D": Known(_POOLING, image_sizes.pooling(_rank)),
        f"SpatialDropout{_rank}D": Known({**_DROPOUT, "data_format": FORMAT}, sizes.same),
        f"ZeroPadding{_rank}D": Known(
            {"padding": BORDERS, "data_format": FORMAT}, image_sizes.bordered(_rank, "padding", 1)
        ),
    }

# Operations on tensors, such as `x + y` and `keras.ops.mean(x, axis=1)`.
_NUMPY: dict[str, Known] = {
    "Flip": Known({"axis": AXES}, sizes.same),
    "Pad": Known(
        {"pad_width": PAIRS, "mode": one_of("constant", "edge", "reflect", "symmetric")},
        image_sizes.padded,
    ),
}
for _name in (
    *("Add", "Subtract", "Multiply", "Divide", "TrueDivide", "Maximum", "Minimum", "Power"),
):
    _NUMPY[_name] = Known({}, value_sizes.merged)
for _name in ("Amax", "Amin", "Max", "Mean", "Min", "Sum"):
    _NUMPY[_name] = Known({"axis": optional(AXES), "keepdims": BOOL}, value_sizes.reduced)
for _name in ("Abs", "Absolute", "Exp", "Log", "Log1p", "Negative", "Sqrt", "Square", "Tanh"):
    _NUMPY[_name] = Known({}, sizes.same)
_NN: dict[str, Known] = {
    name: Known({}, sizes.same)
    for name in (
        *("HardSigmoid", "HardSilu", "LogSigmoid", "Relu", "Relu6", "Sigmoid", "Silu"),
        *("Softplus", "Softsign"),
    )
}
_NN |= {
    "Elu": Known({"alpha": NUMBER}, sizes.same),
    "Gelu": Known({"approximate": BOOL}, sizes.same),
    "LeakyRelu": Known({"negative_slope": NUMBER}, sizes.same),
    "LogSoftmax": Known({"axis": AXES}, sizes.same),
    "Softmax": Known({"axis": AXES}, sizes.same),
}
# Layers that networks of keras.applications bring.
_CONVNEXT: dict[str, Known] = {
    "LayerScale": Known(
        {"init_values": NUMBER, "projection_dim": COUNT}, value_sizes.scaled("projection_dim")
    ),
    "StochasticDepth": Known({"drop_path_rate": NUMBER}, sizes.same),
}
_INCEPTION_RESNET: dict[str, Known] = {
    "CustomScaleLayer": Known({"scale": NUMBER}, value_sizes.merged),
}


def _all(
    known: dict[str, Known], module: str, common: dict[str, Check]
) -> dict[tuple[str, str], Known]:
    return {
        (module, name): Known(MappingProxyType({**common, **one.settings}), one.size, one.takes)
        for name, one in known.items()
    }


_NAME_ONLY: dict[str, Check] = {"name": NAME_OF, "dtype": policy}
# By module and class, as Keras writes them.
LAYERS: Mapping[tuple[str, str], Known] = MappingProxyType(
    _all(_LAYERS, "keras.layers", _COMMON)
    | _all(_CONVNEXT, "keras.src.applications.convnext", _COMMON)
    | _all(_INCEPTION_RESNET, "keras.src.applications.inception_resnet_v2", _COMMON)
    | _all(_NUMPY, "keras.src.ops.numpy", _NAME_ONLY)
    | _all(_NN, "keras.src.ops.nn", _NAME_ONLY)
)

INPUT = ("keras.layers", "InputLayer")


def kind_of(item: Any) -> tuple[str, str]:
    """Return the module and class that an object names; empty where it names none."""
    module, name = (
        (item.get("module"), item.get("class_name")) if isinstance(item, dict) else (0, 0)
    )
    return (module, name) if isinstance(module, str) and isinstance(name, str) else ("", "")


def is_operation(kind: tuple[str, str]) -> bool:
    """Return whether a class is of an operation such as `x + 1`, which takes numbers, too."""
    return kind[0].startswith("keras.src.ops.")
