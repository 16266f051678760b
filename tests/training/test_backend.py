import json

import pytest

from imgclass.training import backend
from imgclass.training.backend import Backend, chosen_backend, find_backend_fault


@pytest.fixture
def keras_json(tmp_path):
    """Write a `keras.json` and return the environment that leads to it, and its path."""

    def write(text):
        file = tmp_path / "keras.json"
        file.write_text(text)
        return {"KERAS_HOME": str(tmp_path)}, str(file)

    return write


@pytest.fixture
def installed(monkeypatch):
    """Let only these backends be installed."""

    def only(*names):
        monkeypatch.setattr(backend, "_is_there", lambda name: name in names)

    return only


def test_the_variable_decides_before_the_file(keras_json):
    environment, _ = keras_json(json.dumps({"backend": "torch"}))
    chosen = chosen_backend(environment | {"KERAS_BACKEND": "jax"})
    assert chosen == Backend("jax", "KERAS_BACKEND")


def test_an_empty_variable_leaves_it_to_the_file(keras_json):
    environment, file = keras_json(json.dumps({"backend": "torch"}))
    assert chosen_backend(environment | {"KERAS_BACKEND": ""}) == Backend("torch", file)


@pytest.mark.parametrize("text", ["", "{}", "[]", "{torn"])
def test_a_file_that_names_none_leaves_keras_its_default(keras_json, text):
    environment, _ = keras_json(text)
    assert chosen_backend(environment) == Backend("tensorflow", "Keras's default")


def test_no_file_leaves_keras_its_default(tmp_path):
    chosen = chosen_backend({"KERAS_HOME": str(tmp_path / "none")})
    assert chosen == Backend("tensorflow", "Keras's default")


# R19
def test_a_backend_that_is_not_installed_is_refused_with_two_ways_out(installed):
    installed("tensorflow")
    fault, remedy = find_backend_fault(Backend("torch", "KERAS_BACKEND"))
    assert "received KERAS_BACKEND=torch, and torch is not installed." in fault
    assert remedy == "Install it (pip install torch), or set KERAS_BACKEND=tensorflow."


def test_a_file_is_named_with_what_to_write_there(installed):
    installed("jax")
    fault, remedy = find_backend_fault(Backend("torch", "/home/x/.keras/keras.json"))
    assert "received 'torch' (/home/x/.keras/keras.json)" in fault
    assert remedy == 'Install it (pip install torch), or set "backend": "jax" in that file.'


def test_where_no_backend_is_installed_there_is_one_way_out(installed):
    installed()
    remedy = find_backend_fault(Backend("tensorflow", "Keras's default"))[1]
    assert remedy == "Install it (pip install tensorflow)."


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("pytorch", "torch"),
        ("Torch", "torch"),
        ("tensorflw", "tensorflow"),
        ("numpy", "tensorflow"),
    ],
)
def test_a_name_that_is_none_is_refused_with_the_one_that_is_near(written, meant):
    fault, remedy = find_backend_fault(Backend(written, "KERAS_BACKEND"))
    assert fault == (
        f"Expected Keras's backend to be tensorflow, jax or torch; received "
        f"KERAS_BACKEND={written}."
    )
    assert remedy == f"Set KERAS_BACKEND={meant}."


def test_a_name_of_a_megabyte_is_shortened():
    assert len(find_backend_fault(Backend("x" * 1_000_000, "KERAS_BACKEND"))[0]) < 200


def test_a_backend_that_is_there_has_no_fault(installed):
    installed("jax")
    assert find_backend_fault(Backend("jax", "KERAS_BACKEND")) == ("", "")
