import subprocess
import sys
import zipfile

import pytest

from imgclass.errors import ModelFileError
from imgclass.models.preflight import find_fault, require_harmless, require_harmless_weights


@pytest.fixture
def path(tmp_path, make):
    return make.keras_file(tmp_path / "model.keras", make.model(make.dense("a", "image")))


def test_an_honest_file_passes(path):
    assert not find_fault(path)
    require_harmless(path)
    require_harmless_weights(path)


def test_a_refusal_names_the_file_the_place_and_what_to_do(path, make):
    make.keras_file(path, make.model(make.layer("a", "Lambda", takes="image")))
    with pytest.raises(ModelFileError) as caught:
        require_harmless(path)
    assert str(caught.value) == (
        f"Refused {path}: The layer 'a' of the model is 'Lambda' of 'keras.layers', which is not "
        "on the list of what a model file may name. If you trust whoever made it, load it with "
        "trust=True (--trust); it may then run their code."
    )


@pytest.mark.parametrize("text", ["\x1b[2J" * 100_000, "a" * 2**20, "\u202e" * 1_000])
def test_values_from_a_file_are_shown_short_and_escaped(path, make, text):
    make.keras_file(path, make.model(make.layer("a", text, takes="image")))
    with pytest.raises(ModelFileError) as caught:
        require_harmless(path)
    assert len(str(caught.value)) < 1_000
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("values", [0, 1, 7])
def test_layers_with_more_parameters_than_weights_are_refused(path, make, values):
    make.keras_file(path, make.model(make.dense("a", "image")), values=values)
    with pytest.raises(ModelFileError, match="8 parameters"):
        require_harmless(path)


def test_a_layer_of_two_billion_units_is_refused(path, make):
    make.keras_file(path, make.model(make.dense("a", "image", 2_000_000_000)))
    with pytest.raises(ModelFileError, match="units"):
        require_harmless(path)


@pytest.mark.parametrize("name", ["model.h5", "model.json", "model"])
def test_a_model_of_another_name_is_refused(path, name):
    with pytest.raises(ModelFileError, match=r"named \.keras"):
        require_harmless(path.rename(path.with_name(name)))


def test_a_file_that_is_missing_is_refused(tmp_path):
    with pytest.raises(ModelFileError, match="cannot be read"):
        require_harmless(tmp_path / "model.keras")


@pytest.mark.parametrize("name", ["a.weights.h5", "a.h5", "a.hdf5"])
def test_weights_pass_under_each_name_that_keras_reads(tmp_path, make, name):
    require_harmless_weights(make.weights(tmp_path / name, [1.0, 2.0]))


def test_weights_may_be_read_through_a_link(tmp_path, make):
    (tmp_path / "link.h5").symlink_to(make.weights(tmp_path / "a.h5", [1.0]))
    require_harmless_weights(tmp_path / "link.h5")


@pytest.mark.parametrize("name", ["weights.json", "weights.npz", "weights"])
def test_weights_of_another_name_are_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(ModelFileError, match="files named"):
        require_harmless_weights(tmp_path / name)


@pytest.mark.parametrize("content", [b"", b"text", b"\x89HDF\r\n\x1a\n"])
def test_a_file_that_has_no_weights_is_refused(tmp_path, content):
    (tmp_path / "a.weights.h5").write_bytes(content)
    with pytest.raises(ModelFileError, match=r"HDF5.*save its weights again"):
        require_harmless_weights(tmp_path / "a.weights.h5")


def test_every_changed_byte_of_the_directory_ends_in_an_answer(path):
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        start = archive.start_dir
    for at in range(start, len(data)):
        for byte in (0, 255, data[at] ^ 1):
            path.write_bytes(data[:at] + bytes([byte]) + data[at + 1 :])
            try:
                require_harmless(path)
            except ModelFileError:
                continue


@pytest.mark.thorough
def test_nothing_of_keras_is_imported_for_the_check(path):
    code = (
        "import sys; from pathlib import Path\n"
        "from imgclass.models.preflight import require_harmless\n"
        "require_harmless(Path(sys.argv[1]))\n"
        "print(sorted({'keras', 'h5py', 'tensorflow'} & {*sys.modules}))"
    )
    command = [sys.executable, "-c", code, path]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
