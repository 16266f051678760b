"""Predicting in another process: the same probabilities, and a short error however it ends."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgclass.errors import ImgclassError, MachineError, ModelFileError, UsageError
from imgclass.run import Run
from imgclass.serving import Classifier, Isolation, predict_isolated
from imgclass.serving.isolation.limits import bare_environment, bare_folder

RUN = Path(__file__).parents[2] / "run" / "run-0.1.0"
HERE = Classifier(RUN / "model.keras", ("dark", "light"), (8, 8))

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no limits")


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "light.png"
    Image.new("RGB", (8, 8), (200, 200, 200)).save(path)
    return path


@pytest.fixture
def ending(tmp_path, monkeypatch, image):
    """Return how a prediction ends whose model, which is trusted, brings code that runs."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def run(code, **limits):
        (tmp_path / "strange_module.py").write_text(code)
        strange = replace(HERE, modules=("strange_module",), trust=True)
        with pytest.raises(ImgclassError) as caught:
            predict_isolated(strange, image, isolation=Isolation(**limits))
        assert len(str(caught.value)) < 1500
        return caught.value

    return run


# Where the answer of the process goes is the only descriptor that it can write to.
SPEAK = """
import os
def speak(content):
    for descriptor in range(3, 50):
        try:
            os.write(descriptor, content)
        except OSError:
            pass
"""
ENDINGS = {
    "an exit": ("import os; os._exit(3)", {}, "ended with the code 3"),
    "a crash": ("import os; os.abort()", {}, "was ended by SIGABRT"),
    "a kill": ("import os, signal; os.kill(os.getpid(), 9)", {}, "was ended by SIGKILL"),
    "waiting": (
        "import time; time.sleep(99)",
        {"seconds": 1, "seconds_per_image": 0},
        "was stopped after 1 s",
    ),
    "working": (
        "while True: pass",
        {"seconds": 1, "seconds_per_image": 0},
        "was stopped after 1 s",
    ),
    "memory": ("x = bytearray(10**11)", {}, "needed more memory than it may use"),
    "no answer": ("import os; os._exit(0)", {}, "it has no line"),
    "nonsense": (SPEAK + "speak(b'a\\nb'); os._exit(0)", {}, "Its answer is invalid"),
    "too deep": (SPEAK + "speak(b'[' * 60000 + b'\\n'); os._exit(0)", {}, "Its answer is invalid"),
    "too few": (
        SPEAK + "speak(b'{\"errors\": []}\\n'); os._exit(0)",
        {},
        "it has 0 images; expected 1",
    ),
    "too little": (
        SPEAK + "speak(b'{\"errors\": [null]}\\n1234'); os._exit(0)",
        {},
        "it has 4 bytes of probabilities",
    ),
    "NaN": (
        SPEAK + "speak(b'{\"errors\": [null]}\\n' + b'\\xff' * 8); os._exit(0)",
        {},
        "negative or not finite",
    ),
    "no end": (SPEAK + "while True: speak(b'x' * 1000)", {}, "wrote more than any valid answer"),
    "another error": ("raise RuntimeError('\\x1b[2J' + 'z' * 10**6)", {}, "RuntimeError: \\x1b[2J"),
    "a child of its own": (
        "import os, time\nif os.fork() == 0: time.sleep(99)\nos._exit(0)",
        {"seconds": 1, "seconds_per_image": 0},
        "was stopped after 1 s",
    ),
    "too many files": (
        "f = [open('keras.json') for _ in range(300)]",
        {},
        "Too many open files",
    ),
}


@pytest.mark.keras
@pytest.mark.thorough
@pytest.mark.parametrize(("code", "limits", "words"), ENDINGS.values(), ids=ENDINGS)
def test_however_the_process_ends_a_short_error_says_how(ending, code, limits, words):
    assert words in str(ending(code, **limits))


@pytest.mark.keras
@pytest.mark.thorough
def test_the_process_writes_no_file(ending, tmp_path):
    marker = tmp_path / "marker"
    message = ending(f"f = open({str(marker)!r}, 'w'); f.write('x' * 10**6); f.flush()")
    assert "File too large" in str(message)
    assert not marker.read_bytes()


@pytest.mark.keras
@pytest.mark.thorough
def test_the_process_sees_an_empty_folder_and_nothing_of_the_environment(ending, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "tell nobody")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    message = str(
        ending(
            "import os, sys\n"
            "raise ValueError(sorted(os.environ), os.listdir('.'), sys.stdin.read())"
        )
    )
    assert "SECRET" not in message
    assert "PROXY" not in message
    assert "['keras.json'], ''" in message


@pytest.mark.keras
@pytest.mark.thorough
def test_predictions_are_the_same_to_the_last_bit(image, tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    files = [image]
    for i in range(66):  # more than a batch
        files.append(tmp_path / f"{i}.png")
        Image.fromarray(rng.integers(0, 256, (9, 7, 3)).astype("uint8")).save(files[-1])
    (tmp_path / "bad.jpg").write_text("no image")
    monkeypatch.chdir(tmp_path)
    files.append(Path("bad.jpg"))
    classifier = Run.load(RUN).classifier
    there = predict_isolated(classifier, files)
    assert there == classifier.predict(files)
    assert there[0].top1 == "light"
    assert str(there[-1].error).startswith("Expected an image; received 'bad.jpg'")


@pytest.mark.keras
@pytest.mark.thorough
def test_a_model_that_is_refused_is_refused_there_too(image, tmp_path):
    (tmp_path / "model.keras").write_bytes(b"no model")
    with pytest.raises(ModelFileError, match=r"model\.keras"):
        predict_isolated(replace(HERE, path=tmp_path / "model.keras"), image)


def test_only_paths_are_accepted():
    with pytest.raises(UsageError, match="Expected paths of image files"):
        predict_isolated(HERE, [np.zeros((8, 8, 3), np.uint8)])


def test_no_images_are_an_error_that_needs_no_process(monkeypatch):
    monkeypatch.setattr("subprocess.Popen", lambda *_, **__: pytest.fail("a process"))
    with pytest.raises(UsageError, match="received an empty list"):
        predict_isolated(HERE, [])


def test_a_system_without_limits_says_so(monkeypatch, image):
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(MachineError, match="Windows cannot"):
        predict_isolated(HERE, image)


def test_the_folder_is_removed_afterwards():
    with bare_folder() as folder:
        assert [path.name for path in folder.iterdir()] == ["keras.json"]
        assert folder.stat().st_mode & 0o777 == 0o500
    assert not folder.exists()


def test_only_variables_that_decide_how_keras_computes_are_passed_on(monkeypatch, tmp_path):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    environment = bare_environment(tmp_path)
    assert environment["TF_ENABLE_ONEDNN_OPTS"] == "0"
    assert environment["HOME"] == environment["KERAS_HOME"] == str(tmp_path)
    assert "AWS_SECRET_ACCESS_KEY" not in environment


def test_keras_has_the_settings_of_this_process(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    (tmp_path / "keras.json").write_text('{"floatx": "float32", "epsilon": 1e-6}')
    with bare_folder() as folder:
        assert (folder / "keras.json").read_text() == (tmp_path / "keras.json").read_text()
    (tmp_path / "keras.json").unlink()
    with bare_folder() as folder:
        assert (folder / "keras.json").read_text() == "{}"


def test_relative_folders_of_the_import_path_are_not_passed_on(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(("", ".", "here", str(tmp_path))))
    _, *others = bare_environment(tmp_path)["PYTHONPATH"].split(os.pathsep)
    assert others == [str(tmp_path)]
