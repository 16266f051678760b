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
from imgclass.models.saved import load_model, save_model
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
            made.append(plain_copy(architectures.get("cnn")(spec, 2)))
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
    with pytest.raises(ModelFileError, match=r"model\.keras: The member model\.weights\.h5 is damaged"):
        load_model(path)


def test_a_plugin_that_is_missing_is_named_with_the_command_that_installs_it(models, path):
    origin = Origin("nets", "1.2", "nets_layers:net")
    metadata = ModelMetadata(
        ("a", "b"), (8, 8), "stretch", False, "net", origin, modules=("nets_layers",)
    )
    save_model(models[0], path, metadata, files=FILES)
    with pytest.raises(PluginError, match=r"Install it: pip install nets==1\.2"):
        load_model(path)
