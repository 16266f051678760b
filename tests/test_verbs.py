"""The main job as a user meets it: default settings, each verb a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = [pytest.mark.keras, pytest.mark.thorough]

PLUGIN = Path(__file__).parent.parent / "examples" / "plugin"


class Shell:
    """A user's shell: a folder, and what is installed."""

    def __init__(self, folder, **environment):
        self.folder = folder
        self.environment = os.environ | {"PYTHONPATH": ""} | environment

    def imgclass(self, *words, code=0):
        done = subprocess.run(
            [sys.executable, "-m", "imgclass", *map(str, words)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout) if "--json" in words else done.stdout


def write_source(folder):
    """Write 60 images of two classes told apart by brightness, and their CSV."""
    (folder / "images").mkdir()
    rng = np.random.default_rng(0)
    rows = ["id,label"]
    for i in range(60):
        pixels = rng.integers(0, 60, (8, 8, 3)) + 150 * (i % 2)
        Image.fromarray(pixels.astype("uint8")).save(folder / "images" / f"{i}.png")
        rows.append(f"{i},{('dark', 'light')[i % 2]}")
    (folder / "labels.csv").write_text("\n".join(rows))


@pytest.fixture(scope="module")
def plugin_site(tmp_path_factory):
    site = tmp_path_factory.mktemp("site")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(site)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(PLUGIN)], check=True)
    return site


@pytest.fixture(scope="module", params=["cnn", "separable"])
def shell(request, tmp_path_factory, plugin_site):
    """A folder in which a data set was organized and trained on, both by a command."""
    folder = tmp_path_factory.mktemp(request.param)
    write_source(folder)
    plugins = {"PYTHONPATH": str(plugin_site)} if request.param == "separable" else {}
    shell = Shell(folder, **plugins)
    shell.architecture = request.param
    shell.imgclass("organize", "labels.csv", "images", "data", "--val", 10, "--test", 10)
    options = [] if request.param == "cnn" else ["--architecture", request.param]
    shell.imgclass("train", "data", *options)
    shell.run = f"runs/{request.param}-1"
    return shell


# R1, and R3 with the plugin's own layer
def test_predict(shell):
    said = shell.imgclass("predict", shell.run, "images/0.png", "images/1.png", "--json")
    assert [p["top"][0]["class"] for p in said["predictions"]] == ["dark", "light"]


def test_predict_by_the_model_file_alone_from_another_folder(shell, tmp_path):
    (tmp_path / "model.keras").write_bytes((shell.folder / shell.run / "model.keras").read_bytes())
    image = shell.folder / "images" / "1.png"
    elsewhere = Shell(tmp_path)
    elsewhere.environment = shell.environment
    said = elsewhere.imgclass("predict", "model.keras", image, "--json")
    assert said["predictions"][0]["top"][0]["class"] == "light"


def test_evaluate(shell):
    before = (shell.folder / shell.run / "evaluation.json").read_text()
    said = shell.imgclass("evaluate", shell.run, "--json")
    assert said["test"]["n"] == 10
    assert (shell.folder / shell.run / "evaluation.json").read_text() == before


def test_diagnose(shell):
    said = shell.imgclass("diagnose", shell.run, "--json")
    assert said["findings"][0]["name"]


def test_report(shell):
    said = shell.imgclass("report", shell.run)
    assert said.strip() == f"{shell.run}/report.html"
    assert "<!DOCTYPE html>" in (shell.folder / shell.run / "report.html").read_text()


def test_runs(shell):
    (run,) = shell.imgclass("runs", "--json")["runs"]
    assert (run["status"], run["architecture"]) == ("finished", shell.architecture)
    low, high = run["val_interval"]
    assert low <= run["val_accuracy"] <= high


def test_keras_alone_loads_the_model_where_imgclass_was_never_imported(shell):
    code = """
import sys
plugin = sys.argv[2] == "separable"
if plugin:
    import imgclass_separable
else:
    sys.modules["imgclass"] = None
import keras
print(keras.saving.load_model(sys.argv[1]).output_shape)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, shell.folder / shell.run / "model.keras", shell.architecture],
        env=shell.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "(None, 2)"


@pytest.mark.parametrize("shell", ["separable"], indirect=True)
def test_a_plugin_that_is_gone_is_named_with_the_command_that_installs_it(shell):
    without = Shell(shell.folder)
    said = without.imgclass("predict", shell.run, "images/0.png", "--json", code=3)
    assert "pip install imgclass-separable==0.1.0" in said["error"]["message"]
    without.imgclass("diagnose", shell.run)
    without.imgclass("report", shell.run)
