import numpy as np
import pytest

from imgclass.errors import PluginError
from imgclass.models.spec import ModelSpec

pytestmark = pytest.mark.keras


@pytest.fixture
def build():
    from imgclass.models import architectures
    from imgclass.training.hardware import building

    def build(name="cnn", *, precision="float32", size=(8, 8), **knobs):
        with building(precision=precision, seed=0):
            spec = ModelSpec(image_size=size, depth=1, width=4, **knobs)
            return architectures[name](spec, 2)

    return build


def images(size=(8, 8)):
    return np.random.default_rng(0).integers(0, 256, (4, *size, 3)).astype("float32")


def functional(layer):
    import keras

    inputs = keras.Input((8, 8, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(layer(inputs))
    return keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(pooled))


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16", "float32"])
def test_a_copy_computes_in_float32_and_has_the_same_weights(build, precision):
    from imgclass.models.plain import plain_copy

    knobs = {"dropout": 0.5, "l2": 0.01}
    model = build(precision=precision, **knobs)
    copy = plain_copy(model)
    assert {layer.compute_dtype for layer in copy.layers} == {"float32"}
    for one, other in zip(model.get_weights(), copy.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    expected = build(**knobs).predict_on_batch(images())  # the same seed in float32
    np.testing.assert_allclose(copy.predict_on_batch(images()), expected, atol=1e-6)


def test_a_copy_is_not_compiled_and_flat(build):
    import keras

    from imgclass.models.plain import plain_copy

    model = build()
    model.compile("sgd", "categorical_crossentropy")
    copy = plain_copy(model)
    assert not copy.compiled
    assert not [layer for layer in copy.layers if isinstance(layer, keras.Model)]
    assert [layer.name for layer in copy.layers] == [layer.name for layer in model.layers]


def test_a_copy_leaves_the_model_as_it_was(build):
    from imgclass.models.plain import plain_copy

    model = build(precision="mixed_bfloat16")
    plain_copy(model)
    assert model.get_layer("stage1_conv1").compute_dtype == "bfloat16"


def test_a_lambda_is_refused_by_name():
    import keras

    from imgclass.models.plain import plain_copy

    with pytest.raises(PluginError, match="layer 'brighter' is a Lambda"):
        plain_copy(functional(keras.layers.Lambda(lambda x: x * 2, name="brighter")))


def test_a_layer_that_nobody_registered_is_refused_by_name():
    import keras

    from imgclass.models.plain import plain_copy

    class Twice(keras.layers.Layer):
        def call(self, inputs):
            return inputs * 2

    with pytest.raises(PluginError, match=r"'double' is of the class .*Twice.* Register it"):
        plain_copy(functional(Twice(name="double")))


def test_a_layer_whose_config_lacks_an_argument_is_refused_by_name():
    import keras

    from imgclass.models.plain import plain_copy

    @keras.saving.register_keras_serializable("test_plain")
    class Times(keras.layers.Layer):
        def __init__(self, factor, **options):
            super().__init__(**options)
            self.factor = factor

        def call(self, inputs):
            return inputs * self.factor

        def get_config(self):
            return {"name": self.name}

    with pytest.raises(PluginError, match=r"'thrice'.* cannot be rebuilt from"):
        plain_copy(functional(Times(3, name="thrice")))


def test_a_function_that_nobody_registered_is_refused_by_the_layer():
    import keras

    from imgclass.models.plain import plain_copy

    layer = keras.layers.Conv2D(2, 3, activation=lambda x: x * 2, name="odd")
    with pytest.raises(PluginError, match="'odd'"):
        plain_copy(functional(layer))


def test_a_registered_layer_is_kept_and_its_module_named():
    import keras

    from imgclass.models.plain import modules_of, plain_copy

    @keras.saving.register_keras_serializable("test_plain")
    class Half(keras.layers.Layer):
        def call(self, inputs):
            return inputs / 2

    model = functional(Half())
    np.testing.assert_array_equal(
        plain_copy(model).predict_on_batch(images()), model.predict_on_batch(images())
    )
    assert modules_of(model) == (Half.__module__,)


def test_a_model_of_keras_alone_needs_no_module(build):
    from imgclass.models.plain import modules_of

    assert modules_of(build()) == ()
