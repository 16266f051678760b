import json
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from imgclass.entry_points import Origin
from imgclass.errors import ModelFileError, PluginError, RunError
from imgclass.io.fs import FileSystem
from imgclass.models.metadata import ModelMetadata, read_metadata
from imgclass.models.model_file import load_model, save_model
from imgclass.models.spec import ModelSpec

pytestmark = pytest.mark.keras

ORIGIN = Origin("imgclass-keras", "0.2.0", "imgclass.models.cnn:cnn")
METADATA = ModelMetadata(("a", "b"), (8, 8), "stretch", False, "cnn", ORIGIN)
FILES = FileSystem()


@pytest.fixture(scope="module")
def models():
    """Two models of different weights."""
    from imgclass.models import architectures
    from imgclass.models.plain import plain_copy
    from imgclass.training.hardware import building

    made = []
    for seed in (0, 1):
        with building(precision="float32", seed=seed):
            spec = ModelSpec(image_size=(8, 8), depth=1, width=4)
            made.append(plain_copy(architectures["cnn"](spec, 2)))
    return made


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.keras"


def images():
    return np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3)).astype("float32")


def test_keras_alone_reads_the_file_in_a_process_that_never_imports_imgclass(models, path):
    save_model(models[0], path, METADATA, files=FILES)
    np.save(path.parent / "images.npy", images())
    code = """
import sys
sys.modules["imgclass"] = None
import json, keras, numpy
model = keras.saving.load_model(sys.argv[1])
print(json.dumps(model.predict_on_batch(numpy.load(sys.argv[2])).tolist()))
"""
    said = subprocess.run(
        [sys.executable, "-c", code, path, path.parent / "images.npy"],
        capture_output=True,
        text=True,
        check=True,
    )
    np.testing.assert_allclose(
        json.loads(said.stdout.splitlines()[-1]), models[0].predict_on_batch(images()), atol=1e-6
    )


def test_the_file_has_keras_own_members_and_says_what_it_is(models, path):
    save_model(models[0], path, METADATA, files=FILES)
    with zipfile.ZipFile(path) as archive:
        assert sorted(archive.namelist()) == ["config.json", "metadata.json", "model.weights.h5"]
        assert "imgclass" not in archive.read("config.json").decode()
    assert read_metadata(path) == METADATA


def test_a_file_that_was_replaced_is_read_again(models, path):
    for model in models:
        save_model(model, path, METADATA, files=FILES)
        np.testing.assert_array_equal(
            load_model(path).predict_on_batch(images()), model.predict_on_batch(images())
        )


def test_a_file_that_was_not_replaced_is_read_once(models, path):
    save_model(models[0], path, METADATA, files=FILES)
    assert load_model(path) is load_model(path)


def test_a_file_that_cannot_be_written_leaves_the_one_before(models, path):
    save_model(models[0], path, METADATA, files=FILES)
    before = path.read_bytes()

    def full(function, *arguments):
        if function is os.replace:
            raise OSError(28, "No space left on device")
        return function(*arguments)

    with pytest.raises(OSError, match="No space left"):
        save_model(models[1], path, METADATA, files=FileSystem(call=full))
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["model.keras"]


def test_a_missing_file_is_named(path):
    with pytest.raises(RunError, match=r"there is no file .*model\.keras"):
        load_model(path)


def test_a_damaged_file_is_named(models, path):
    save_model(models[0], path, METADATA, files=FILES)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(
        ModelFileError, match=r"model\.keras: The member model\.weights\.h5 is damaged"
    ):
        load_model(path)


def test_a_plugin_that_is_missing_is_named_with_the_command_that_installs_it(models, path):
    origin = Origin("nets", "1.2", "nets_layers:net")
    metadata = ModelMetadata(
        ("a", "b"), (8, 8), "stretch", False, "net", origin, modules=("nets_layers",)
    )
    save_model(models[0], path, metadata, files=FILES)
    with pytest.raises(PluginError, match=r"Install it: pip install nets==1\.2"):
        load_model(path)


def lambda_model():
    import keras

    inputs = keras.Input((8, 8, 3))
    outputs = keras.layers.Lambda(lambda x: x * 2)(inputs)
    return keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(outputs))


def test_a_lambda_is_refused_and_loaded_with_trust(path):
    lambda_model().save(path)
    with pytest.raises(ModelFileError, match=r"Lambda.*trust=True \(--trust\)"):
        load_model(path)
    assert load_model(path, trust=True).output_shape == (None, 3)


def test_a_registered_layer_is_loaded_where_it_is_registered(path):
    import keras

    @keras.saving.register_keras_serializable("test_saved")
    class Halved(keras.layers.Layer):
        def call(self, inputs):
            return inputs / 2

    inputs = keras.Input((8, 8, 3))
    keras.Model(inputs, keras.layers.Dense(2)(Halved()(inputs))).save(path)
    assert load_model(path).output_shape == (None, 8, 8, 2)
    del keras.saving.get_custom_objects()["test_saved>Halved"]
    load_model.__globals__["_load"].cache_clear()
    with pytest.raises(ModelFileError, match=r"Halved.*import its module first"):
        load_model(path)


def test_a_module_in_the_working_directory_is_not_imported(models, path, monkeypatch):
    (path.parent / "strange_layers.py").write_text("raise SystemExit('imported')")
    monkeypatch.chdir(path.parent)
    monkeypatch.syspath_prepend("")
    origin = Origin("this process", "", "strange_layers:net")
    metadata = ModelMetadata(
        ("a", "b"), (8, 8), "stretch", False, "net", origin, modules=("strange_layers",)
    )
    save_model(models[0], path, metadata, files=FILES)
    with pytest.raises(ModelFileError, match="If the module is yours, import it first"):
        load_model(path)


def test_a_file_that_changes_while_it_is_read_is_refused(models, path, monkeypatch):
    import keras

    save_model(models[0], path, METADATA, files=FILES)
    load = keras.saving.load_model

    def replaced(*arguments, **options):
        model = load(*arguments, **options)
        save_model(models[1], path, METADATA, files=FILES)
        return model

    monkeypatch.setattr(keras.saving, "load_model", replaced)
    with pytest.raises(ModelFileError, match="changed while it was read"):
        load_model(path)


def test_weights_that_are_missing_are_an_error_and_no_warning(models, path):
    save_model(models[0], path, METADATA, files=FILES)
    other = path.with_name("other.keras")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(other, "w") as archive:
        for name in source.namelist():
            data = source.read(name)
            # Of the same length, so that all else is whole.
            archive.writestr(
                name, data.replace(b"conv2d\0", b"conv3d\0") if ".h5" in name else data
            )
    with pytest.raises(RunError, match="could not be read by Keras"):
        load_model(other)
