import json
import zipfile

import pytest

from imgclass.entry_points import Origin
from imgclass.errors import ModelFileError, RunError
from imgclass.models.metadata import ModelMetadata, read_metadata, with_metadata

METADATA = ModelMetadata(
    class_names=("cat", "dog"),
    image_size=(32, 48),
    resize="pad",
    tta=True,
    architecture="separable",
    origin=Origin("imgclass-separable", "0.1.0", "imgclass_separable:separable"),
    modules=("imgclass_separable",),
    version="0.2.0",
)


def archive(path, member):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("metadata.json", member)
        file.writestr("config.json", "{}")
        file.writestr("model.weights.h5", b"")
    return path


def test_what_a_file_says_of_itself_comes_back(tmp_path):
    path = archive(tmp_path / "model.keras", with_metadata(b'{"keras_version": "3"}', METADATA))
    assert read_metadata(path) == METADATA


def test_what_keras_says_stays():
    assert json.loads(with_metadata(b'{"keras_version": "3"}', METADATA))["keras_version"] == "3"


def test_a_file_of_keras_alone_says_nothing(tmp_path):
    assert read_metadata(archive(tmp_path / "model.keras", '{"keras_version": "3"}')) is None


@pytest.mark.parametrize(
    "member", ["", "[]", "{", '{"imgclass": 3}', '{"imgclass": {"class_names": "cat"}}']
)
def test_damage_is_an_error_that_names_the_file(tmp_path, member):
    with pytest.raises(ModelFileError, match=r"model\.keras"):
        read_metadata(archive(tmp_path / "model.keras", member))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive at all"])
def test_what_is_no_archive_is_named(tmp_path, content):
    (tmp_path / "model.keras").write_bytes(content)
    with pytest.raises(ModelFileError, match=r"model\.keras"):
        read_metadata(tmp_path / "model.keras")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RunError, match=r"model\.keras"):
        read_metadata(tmp_path / "model.keras")
