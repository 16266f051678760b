import json
from importlib import import_module

import pytest

from imgclass.models.preflight import allowed
from imgclass.models.preflight.configuration import require_harmless_config
from imgclass.models.preflight.layers import LAYERS
from imgclass.models.preflight.objects import NAMED, Objects

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:You passed `rms_scaling=True`"),
]

IMAGE, LINE, VOLUME, VECTOR = (12, 8, 6), (12, 6), (9, 8, 7, 4), (5,)
WINDOW = {"filters": 4, "kernel_size": 3}
# For each class: settings, and the shape of the input.
EXAMPLES = {
    "Activation": [({"activation": "gelu"}, IMAGE)],
    "ActivityRegularization": [({"l1": 0.1}, IMAGE)],
    "AlphaDropout": [({"rate": 0.1}, IMAGE)],
    "BatchNormalization": [({}, IMAGE), ({"axis": 1, "scale": False}, IMAGE)],
    "CenterCrop": [({"height": 4, "width": 6}, IMAGE)],
    "CustomScaleLayer": [({"scale": 0.1}, [IMAGE, IMAGE])],
    "Concatenate": [({}, [IMAGE, (12, 8, 1)]), ({"axis": 1}, [IMAGE, (1, 8, 6)])],
    "Conv1D": [(WINDOW, LINE), (WINDOW | {"padding": "causal", "dilation_rate": 2}, LINE)],
    "Conv2D": [
        (WINDOW, IMAGE),
        (WINDOW | {"strides": 2, "padding": "same", "use_bias": False}, IMAGE),
        (WINDOW | {"groups": 2, "dilation_rate": 2, "activation": "relu"}, IMAGE),
        (WINDOW | {"kernel_size": (1, 5), "strides": (3, 1)}, IMAGE),
    ],
    "Conv3D": [(WINDOW | {"strides": 2}, VOLUME)],
    "Conv1DTranspose": [(WINDOW | {"strides": 2}, LINE)],
    "Conv2DTranspose": [
        (WINDOW, IMAGE),
        (WINDOW | {"strides": 2, "padding": "same"}, IMAGE),
        (WINDOW | {"strides": 3, "output_padding": 1}, IMAGE),
        (WINDOW | {"strides": 3, "output_padding": 1, "padding": "same"}, IMAGE),
    ],
    "Conv3DTranspose": [(WINDOW | {"strides": 4}, VOLUME)],
    "Cropping1D": [({"cropping": (1, 2)}, LINE)],
    "Cropping2D": [({"cropping": ((1, 2), (0, 1))}, IMAGE), ({"cropping": 2}, IMAGE)],
    "Cropping3D": [({"cropping": 1}, VOLUME)],
    "Dense": [({"units": 3}, IMAGE), ({"units": 3, "use_bias": False}, VECTOR)],
    "DepthwiseConv1D": [({"kernel_size": 3, "depth_multiplier": 2}, LINE)],
    "DepthwiseConv2D": [({"kernel_size": 3, "strides": 2, "padding": "same"}, IMAGE)],
    "Dropout": [({"rate": 0.1, "noise_shape": (None, 1, 1, 6), "seed": 1}, IMAGE)],
    "ELU": [({}, IMAGE)],
    "Embedding": [({"input_dim": 10, "output_dim": 3}, VECTOR)],
    "Flatten": [({}, IMAGE)],
    "GaussianDropout": [({"rate": 0.1}, IMAGE)],
    "GaussianNoise": [({"stddev": 0.1}, IMAGE)],
    "GroupNormalization": [({"groups": 2}, IMAGE), ({"groups": -1, "center": False}, IMAGE)],
    "Identity": [({}, IMAGE)],
    "LayerNormalization": [
        ({}, IMAGE),
        ({"axis": (1, 2), "scale": False}, IMAGE),
        ({"rms_scaling": True}, IMAGE),
    ],
    "LayerScale": [({"init_values": 0.1, "projection_dim": 6}, IMAGE)],
    "LeakyReLU": [({}, IMAGE)],
    "MultiHeadAttention": [
        ({"num_heads": 2, "key_dim": 3}, [LINE, LINE]),
        ({"num_heads": 2, "key_dim": 3, "value_dim": 5, "output_shape": 7}, [LINE, (9, 4)]),
        ({"num_heads": 1, "key_dim": 3, "use_bias": False}, [LINE, (9, 4), (9, 5)]),
    ],
    "Normalization": [
        ({}, IMAGE),
        ({"mean": [1.0] * 6, "variance": [2.0] * 6}, IMAGE),
        ({"axis": None, "mean": 1.0, "variance": 2.0}, IMAGE),
    ],
    "PReLU": [({}, IMAGE), ({"shared_axes": [1, 2]}, IMAGE)],
    "Permute": [({"dims": (3, 1, 2)}, IMAGE)],
    "RMSNormalization": [({}, IMAGE)],
    "RandomBrightness": [({"factor": 0.1}, IMAGE)],
    "RandomContrast": [({"factor": 0.1}, IMAGE)],
    "RandomCrop": [({"height": 4, "width": 4}, IMAGE)],
    "RandomFlip": [({}, IMAGE)],
    "RandomRotation": [({"factor": 0.1}, IMAGE)],
    "RandomTranslation": [({"height_factor": 0.1, "width_factor": 0.1}, IMAGE)],
    "RandomZoom": [({"height_factor": (-0.1, 0.1)}, IMAGE)],
    "ReLU": [({"max_value": 6.0}, IMAGE)],
    "RepeatVector": [({"n": 4}, VECTOR)],
    "Rescaling": [({"scale": 0.1}, IMAGE), ({"scale": [1.0] * 6, "offset": [0.0] * 6}, IMAGE)],
    "Reshape": [({"target_shape": (-1, 6)}, IMAGE), ({"target_shape": (6, 12, 8)}, IMAGE)],
    "Resizing": [({"height": 5, "width": 7, "pad_to_aspect_ratio": True}, (12, 8, 3))],
    "SeparableConv1D": [(WINDOW, LINE)],
    "SeparableConv2D": [(WINDOW | {"depth_multiplier": 2, "use_bias": False}, IMAGE)],
    "Softmax": [({}, IMAGE)],
    "StochasticDepth": [({"drop_path_rate": 0.1}, IMAGE)],
    "UnitNormalization": [({}, IMAGE)],
    "UpSampling1D": [({"size": 3}, LINE)],
    "UpSampling2D": [({"size": (2, 3), "interpolation": "bilinear"}, IMAGE)],
    "UpSampling3D": [({}, VOLUME)],
    "ZeroPadding1D": [({"padding": (1, 2)}, LINE)],
    "ZeroPadding2D": [({"padding": ((1, 0), (2, 3))}, IMAGE)],
    "ZeroPadding3D": [({"padding": 1}, VOLUME)],
}
EXAMPLES |= {
    name: [({}, [IMAGE, IMAGE]), ({}, [IMAGE, (1, 1, 6)])]
    for name in ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract")
}
for rank, shape in ((1, LINE), (2, IMAGE), (3, VOLUME)):
    pool = {"pool_size": 3, "padding": "same"}
    EXAMPLES |= {
        f"AdaptiveAveragePooling{rank}D": [({"output_size": 2}, shape)],
        f"AdaptiveMaxPooling{rank}D": [({"output_size": 3}, shape)],
        f"AveragePooling{rank}D": [({"pool_size": 2}, shape), (pool, shape)],
        f"GlobalAveragePooling{rank}D": [({}, shape), ({"keepdims": True}, shape)],
        f"GlobalMaxPooling{rank}D": [({}, shape)],
        f"MaxPooling{rank}D": [({"pool_size": 3, "strides": 2}, shape), (pool, shape)],
        f"SpatialDropout{rank}D": [({"rate": 0.1}, shape)],
    }
OF_LAYERS = {kind for kind in LAYERS if ".ops." not in kind[0] and kind[1] != "InputLayer"}


def found(module, name):
    """Return what Keras would find by a module and a name."""
    return getattr(import_module(module), name)


def checked(inputs, outputs):
    """Compare the cost of a model with what Keras computes."""
    import keras

    model = keras.Model(inputs, outputs)
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(model)))
    cost = require_harmless_config(config, Objects())
    assert cost.outputs == (tuple(model.output_shape[1:]),)
    # The state of a random generator has two numbers, which are not counted.
    assert 0 <= model.count_params() - cost.parameters <= 2


def inputs_of(shapes):
    import keras

    return [keras.Input(shape) for shape in (shapes if isinstance(shapes, list) else [shapes])]


def test_every_layer_has_an_example():
    assert {name for _, name in OF_LAYERS} == set(EXAMPLES)


@pytest.mark.parametrize("kind", sorted(OF_LAYERS), ids=lambda kind: kind[1])
def test_a_layer_has_the_size_that_keras_computes(kind):
    for settings, shapes in EXAMPLES[kind[1]]:
        layer, inputs = found(*kind)(**settings), inputs_of(shapes)
        takes_each = kind[1] == "MultiHeadAttention"
        checked(
            inputs, layer(*inputs) if takes_each else layer(inputs if inputs[1:] else inputs[0])
        )


@pytest.mark.parametrize("kind", sorted(set(LAYERS) - OF_LAYERS))
def test_every_class_on_the_list_exists_in_keras(kind):
    import keras

    assert issubclass(found(*kind), keras.Operation)


def test_operations_have_the_sizes_that_keras_computes():
    from keras import ops

    [x] = inputs_of(IMAGE)
    for y in (
        x + 1,
        2 * x - x,
        x / 3,
        ops.maximum(x, 0.0) ** 2,
        ops.mean(x, axis=(1, 2)),
        ops.max(x, axis=-1, keepdims=True) * x,
        ops.flip(x, axis=2),
        ops.pad(x, [[0, 0], [1, 2], [0, 0], [3, 0]]),
        ops.softmax(x),
        ops.relu(ops.gelu(x)),
        ops.sqrt(ops.exp(x)),
    ):
        checked(x, y)


@pytest.mark.parametrize(
    ("module", "names"),
    [*NAMED.items(), *allowed.COMPILED.items(), ("keras.layers", allowed.ACTIVATION_LAYERS)],
)
def test_every_name_on_a_list_is_one_of_keras(module, names):
    for name in names:
        assert isinstance(found(module, name), type)


def test_every_activation_on_the_list_is_one_of_keras():
    import keras

    assert all(callable(keras.activations.get(name)) for name in allowed.ACTIVATIONS)
