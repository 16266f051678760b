import keras
import numpy as np
import pytest
from keras import layers

from imgclass import ModelSpec, architectures
from imgclass.errors import PluginError, UsageError
from imgclass.models.builder import build_model

pytestmark = pytest.mark.keras

SPEC = ModelSpec(image_size=(8, 6))


def dense(spec, outputs, *, activation="softmax", shape=None, dtype=None):
    images = layers.Input(shape or spec.input_shape())
    features = layers.Flatten()(layers.Rescaling(1 / 255)(images))
    return keras.Model(images, layers.Dense(outputs, activation=activation, dtype=dtype)(features))


class Subclassed(keras.Model):
    def __init__(self, outputs):
        super().__init__()
        self.classifier = layers.Dense(outputs, activation="softmax")

    def call(self, images):
        return self.classifier(layers.Flatten()(images))


def called_once(spec, outputs):
    model = Subclassed(outputs)
    model(np.zeros((1, *spec.input_shape()), "float32"))
    return model


def without_input(_, outputs):
    return keras.Sequential([layers.Flatten(), layers.Dense(outputs, activation="softmax")])


def wrong_signature(image_size, classes, weights):
    del image_size, classes, weights


def crashes(*_):
    raise RuntimeError("no such layer.")


@pytest.mark.parametrize(
    ("builder", "cause"),
    [
        (wrong_signature, "could not build .* TypeError: .*'weights'"),
        (crashes, r"could not build .* RuntimeError: no such layer\. "),
        (lambda *_: None, "returned None; expected a keras.Model"),
        (lambda *_: np.zeros(3), r"returned a numpy\.ndarray"),
        (
            without_input,
            r"keras\.Sequential .* expected layers\.Input\(spec\.input_shape\(\)\)",
        ),  # R14
        (lambda _, n: Subclassed(n), r"Subclassed, .* expected keras\.Model\(inputs, outputs\)"),
        (called_once, r"Subclassed, .* expected keras\.Model\(inputs, outputs\)"),
        (lambda s, n: dense(s, n + 1), r"gives the shape \(None, 4\); expected \(None, 3\)"),
        (lambda s, n: dense(s, n, shape=(6, 8, 3)), r"takes the shape \(None, 6, 8, 3\)"),
        (lambda s, n: dense(s, n, activation=None), "end in a softmax"),
        (lambda s, n: dense(s, n, activation="sigmoid"), "end in a softmax"),
        (lambda s, n: dense(s, n, dtype="bfloat16"), "gives bfloat16; expected float32"),
    ],
    ids=[
        "wrong signature",
        "raises",
        "None",
        "an array",
        "no Input",
        "a subclass",
        "a subclass that was called",
        "too many classes",
        "height and width swapped",
        "logits",
        "sigmoids",
        "half precision",
    ],
)
def test_what_breaks_the_contract_is_named_with_its_origin_and_a_remedy(
    builder, cause, monkeypatch
):
    monkeypatch.setitem(architectures._local, "broken", builder)
    with pytest.raises(PluginError, match=f"'broken' of this process .*{cause}.*Try other options"):
        build_model("broken", SPEC, num_classes=3)


def test_a_builder_that_refuses_a_spec_is_heard():
    with pytest.raises(UsageError, match="at least 32"):
        build_model("vgg16", SPEC, num_classes=3)


def test_a_sequential_with_an_input_is_accepted(monkeypatch):
    def sequential(spec, num_classes):
        return keras.Sequential(
            [layers.Input(spec.input_shape()), *without_input(spec, num_classes).layers]
        )

    monkeypatch.setitem(architectures._local, "sequential", sequential)
    assert build_model("sequential", SPEC, num_classes=3).output_shape == (None, 3)


def test_a_model_that_takes_any_size_is_accepted(monkeypatch):
    def anywhere(_, num_classes):
        images = layers.Input((None, None, 3))
        features = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(images))
        return keras.Model(images, layers.Dense(num_classes, activation="softmax")(features))

    monkeypatch.setitem(architectures._local, "anywhere", anywhere)
    assert build_model("anywhere", SPEC, num_classes=3).output_shape == (None, 3)
