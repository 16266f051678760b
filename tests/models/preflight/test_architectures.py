import json
import os

import pytest

from imgclass.models import ModelSpec, architectures
from imgclass.models.preflight import require_harmless
from imgclass.models.preflight.configuration import require_harmless_config
from imgclass.models.preflight.objects import Objects

pytestmark = pytest.mark.keras

# Together they have every kind of layer that the others have. `IMGCLASS_CHECK_ALL=1 pytest
# tests/models` checks every built-in, and all of keras.applications.
OURS = ("cnn", "resnet", "convnexttiny", "efficientnetb0", "mobilenetv3small", "nasnetmobile")
OF_KERAS = ("InceptionResNetV2", "MobileNet")
EVERYTHING = os.environ.get("IMGCLASS_CHECK_ALL") == "1"


def applications():
    import keras

    return sorted(name for name in dir(keras.applications) if name[0].isupper())


@pytest.mark.parametrize("name", architectures if EVERYTHING else OURS)
def test_a_built_in_architecture_passes_before_it_is_made_plain_too(name, tmp_path):
    from imgclass.training.hardware import building

    size = max(32, architectures.info(name).minimum_size or 0)
    spec = ModelSpec(image_size=(size, size), dropout=0.2, l2=1e-4)
    with building(precision="mixed_bfloat16", seed=0):
        model = architectures[name](spec, 3)
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.save(tmp_path / "model.keras")
    require_harmless(tmp_path / "model.keras")


def test_every_network_of_keras_applications_is_counted_as_keras_counts():
    import keras

    for name in applications() if EVERYTHING else OF_KERAS:
        model = getattr(keras.applications, name)(weights=None)
        config = json.loads(json.dumps(keras.saving.serialize_keras_object(model)))
        cost = require_harmless_config(config, Objects())
        assert (cost.parameters, cost.outputs) == (model.count_params(), ((1000,),)), name


def test_models_in_models_are_counted_as_keras_counts(tmp_path):
    import keras
    from keras import layers

    inner = keras.Sequential([layers.Input((8, 8, 3)), layers.Conv2D(4, 3, padding="same")])
    middle = keras.Model(inner.inputs, layers.BatchNormalization()(inner(inner.inputs[0])))
    inputs = keras.Input((8, 8, 3))
    both = layers.Concatenate()([middle(inputs), middle(inputs)])
    model = keras.Sequential([keras.Model(inputs, both), layers.Flatten(), layers.Dense(2)])
    model.build((None, 8, 8, 3))
    model.save(tmp_path / "model.keras")
    require_harmless(tmp_path / "model.keras")
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(model)))
    assert require_harmless_config(config, Objects()).parameters == model.count_params()
    keras.saving.load_model(tmp_path / "model.keras", compile=False)
