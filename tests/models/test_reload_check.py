"""Each trial starts a process that imports Keras, as a training does."""

import sys
import textwrap

import pytest

from imgclass.entry_points import LOCAL, Origin
from imgclass.errors import PluginError
from imgclass.io.fs import FileSystem
from imgclass.models.model_file import describe_model, save_model
from imgclass.models.reload_check import reload_check

pytestmark = [pytest.mark.keras, pytest.mark.thorough]


def checked(model, path):
    metadata = describe_model(
        model,
        class_names=("a", "b"),
        image_size=(8, 8),
        resize="stretch",
        tta=False,
        architecture="mine",
        origin=Origin(LOCAL, "", "mine:net"),
    )
    with reload_check() as check:
        save_model(model, path, metadata, files=FileSystem())
        check.begin(path, model)
        check.require_same(model)


def functional(*layers):
    import keras

    features = inputs = keras.Input((8, 8, 3))
    for layer in (*layers, keras.layers.GlobalAveragePooling2D()):
        features = layer(features)
    return keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(features))


def test_a_model_of_keras_own_layers_passes_whatever_is_in_the_import_path(tmp_path, monkeypatch):
    import keras

    monkeypatch.setattr(sys, "path", [*sys.path, tmp_path])
    checked(functional(keras.layers.Conv2D(2, 3)), tmp_path / "model.keras")


def test_a_layer_that_an_importable_module_registers_passes(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "my_layers.py").write_text(
        textwrap.dedent("""
        import keras

        @keras.saving.register_keras_serializable("my_layers")
        class Half(keras.layers.Layer):
            def call(self, inputs):
                return inputs / 2
        """)
    )
    from importlib import import_module

    checked(functional(import_module("my_layers").Half()), tmp_path / "model.keras")


def test_a_layer_that_only_this_process_knows_is_refused(tmp_path):
    import keras

    @keras.saving.register_keras_serializable("test_reload_check")
    class Half(keras.layers.Layer):
        def call(self, inputs):
            return inputs / 2

    Half.__module__ = "__main__"
    with pytest.raises(PluginError, match="Half"):
        checked(functional(Half()), tmp_path / "model.keras")


def test_a_layer_that_keeps_something_beside_its_weights_is_refused(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "odd_layers.py").write_text(
        textwrap.dedent("""
        import keras

        @keras.saving.register_keras_serializable("odd_layers")
        class Times(keras.layers.Layer):
            factor = 1.0

            def call(self, inputs):
                return inputs * self.factor
        """)
    )
    from importlib import import_module

    layer = import_module("odd_layers").Times()
    layer.factor = 0.0
    with pytest.raises(PluginError, match="computes something else"):
        checked(functional(layer), tmp_path / "model.keras")


def test_a_layer_that_needs_trust_to_be_loaded_is_warned_of(tmp_path):
    import keras

    model = functional(keras.layers.EinsumDense("abcd,de->abce", (8, 8, 2)))
    model.save(tmp_path / "model.keras")
    with (
        reload_check() as check,
        pytest.warns(UserWarning, match=r"needs trust=True \(--trust\): .*EinsumDense"),
    ):
        check.begin(tmp_path / "model.keras", model)
