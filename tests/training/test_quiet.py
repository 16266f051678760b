import json
import os
import subprocess
import sys

import pytest

from imgclass.errors import MachineError
from imgclass.training import quiet

# The command line where torch is not installed.
WITHOUT_TORCH = """
import sys
from types import SimpleNamespace

def without_torch(find):
    return lambda name, *more: None if name == "torch" else find(name, *more)

sys.meta_path = [SimpleNamespace(find_spec=without_torch(f.find_spec)) for f in sys.meta_path]
from imgclass.cli import main
main()
"""
REQUIRE = "from imgclass.training.quiet import require_backend; require_backend()"


@pytest.mark.keras
def test_keras_is_imported_and_standard_error_works_again_afterwards():
    script = (
        "import os, sys; from imgclass.training.quiet import load_keras_quietly\n"
        "load_keras_quietly(); assert 'keras' in sys.modules\n"
        "os.write(2, b'heard')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stderr == b"heard"


def test_a_backend_that_is_none_is_refused_before_keras_is_imported(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "pytorch")
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    for refuse in (quiet.require_backend, quiet.load_keras_quietly):
        with pytest.raises(MachineError, match=r"received KERAS_BACKEND=pytorch\. Set .*=torch\."):
            refuse()


def test_where_keras_runs_already_nothing_is_refused(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "pytorch")
    monkeypatch.setitem(sys.modules, "keras", object())
    quiet.require_backend()


# R19: in processes of their own, as people have it.
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
