import json
import os
import subprocess
import sys

import pytest

from imgclass.errors import MachineError
from imgclass.training import backend
from imgclass.training.backend import Backend, chosen_backend, find_backend_fault

# The command line without torch installed.
WITHOUT_TORCH = """
import sys
from types import SimpleNamespace

def without_torch(find):
    return lambda name, *more: None if name == "torch" else find(name, *more)

sys.meta_path = [SimpleNamespace(find_spec=without_torch(f.find_spec)) for f in sys.meta_path]
from imgclass.cli import main
main()
"""
REQUIRE = "from imgclass.training.backend import require_backend; require_backend()"


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
    """Make only these backends look installed."""

    def only(*names):
        monkeypatch.setattr(backend, "_is_installed", lambda name: name in names)

    return only


def test_the_variable_decides_before_the_file(keras_json):
    environment, _ = keras_json(json.dumps({"backend": "torch"}))
    chosen = chosen_backend(environment | {"KERAS_BACKEND": "jax"})
    assert chosen == Backend("jax", "KERAS_BACKEND")


def test_an_empty_variable_lets_the_file_decide(keras_json):
    environment, file = keras_json(json.dumps({"backend": "torch"}))
    assert chosen_backend(environment | {"KERAS_BACKEND": ""}) == Backend("torch", file)


@pytest.mark.parametrize("text", ["", "{}", "[]", "{torn"])
def test_a_file_that_names_no_backend_means_the_default(keras_json, text):
    environment, _ = keras_json(text)
    assert chosen_backend(environment) == Backend("tensorflow", "Keras's default")


def test_a_missing_file_means_the_default(tmp_path):
    chosen = chosen_backend({"KERAS_HOME": str(tmp_path / "none")})
    assert chosen == Backend("tensorflow", "Keras's default")


# R19
def test_a_backend_that_is_not_installed_is_refused_with_two_remedies(installed):
    installed("tensorflow")
    fault, remedy = find_backend_fault(Backend("torch", "KERAS_BACKEND"))
    assert "received KERAS_BACKEND=torch, and torch is not installed." in fault
    assert remedy == "Install it (pip install torch), or set KERAS_BACKEND=tensorflow."


def test_a_file_is_named_with_what_to_write_there(installed):
    installed("jax")
    fault, remedy = find_backend_fault(Backend("torch", "/home/x/.keras/keras.json"))
    assert "received 'torch' (/home/x/.keras/keras.json)" in fault
    assert remedy == 'Install it (pip install torch), or set "backend": "jax" in that file.'


def test_if_no_backend_is_installed_there_is_one_remedy(installed):
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
def test_an_unknown_name_is_refused_with_the_nearest(written, meant):
    fault, remedy = find_backend_fault(Backend(written, "KERAS_BACKEND"))
    assert fault == (
        f"Expected Keras's backend to be tensorflow, jax or torch; received "
        f"KERAS_BACKEND={written}."
    )
    assert remedy == f"Set KERAS_BACKEND={meant}."


def test_a_name_of_a_megabyte_is_shortened():
    assert len(find_backend_fault(Backend("x" * 1_000_000, "KERAS_BACKEND"))[0]) < 200


def test_an_installed_backend_has_no_fault(installed):
    installed("jax")
    assert find_backend_fault(Backend("jax", "KERAS_BACKEND")) == ("", "")


@pytest.mark.keras
def test_keras_is_imported_and_standard_error_works_again_afterwards():
    script = (
        "import os, sys; from imgclass.training.backend import load_keras_quietly\n"
        "load_keras_quietly(); assert 'keras' in sys.modules\n"
        "os.write(2, b'heard')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stderr == b"heard"


def test_an_unknown_backend_is_refused_before_keras_is_imported(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "pytorch")
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    for refuse in (backend.require_backend, backend.load_keras_quietly):
        with pytest.raises(MachineError, match=r"received KERAS_BACKEND=pytorch\. Set .*=torch\."):
            refuse()


def test_if_keras_is_imported_nothing_is_refused(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "pytorch")
    monkeypatch.setitem(sys.modules, "keras", object())
    backend.require_backend()


# R19, in processes of their own.
@pytest.mark.thorough
@pytest.mark.parametrize("where", ["the variable", "the file"])
@pytest.mark.parametrize("verb", ["train", "demo"])
def test_a_verb_that_needs_keras_says_one_sentence_and_ends_with_7(where, verb, tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    environment["KERAS_HOME"] = str(tmp_path)
    if where == "the variable":
        environment["KERAS_BACKEND"] = "torch"
    else:
        (tmp_path / "keras.json").write_text(json.dumps({"backend": "torch"}))
    words = {"train": ["train", str(tmp_path / "digits")], "demo": ["demo", "--out", str(tmp_path)]}
    if verb == "train":
        _organize(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, *words[verb]],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 7
    assert done.stderr.splitlines()[-1].startswith("imgclass: Expected the package of Keras's")
    assert "Traceback" not in done.stderr


def _organize(folder):
    from imgclass import DatasetOrganizer
    from imgclass.data.digits import write_digits

    write_digits(folder / "source")
    DatasetOrganizer().organize(
        folder / "source" / "labels.csv", folder / "source" / "images", folder / "digits"
    )


@pytest.mark.thorough
def test_asking_for_the_backend_imports_neither_keras_nor_a_backend():
    heavy = "{'keras', 'tensorflow', 'jax', 'torch'} & {*sys.modules}"
    script = f"import sys; {REQUIRE}\nprint({heavy})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.strip() == b"set()"
