import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

pytestmark = pytest.mark.keras

EXAMPLES = Path(__file__).parents[1] / "examples"


def execute(*words, cwd, **environment):
    """Run a script of `examples/` as its reader would."""
    return subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=cwd,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def search_path(*first):
    """Return the import path of another process, as `PYTHONPATH`."""
    given = os.environ.get("PYTHONPATH")
    return os.pathsep.join(filter(None, (*map(str, first), given)))


def test_the_quickstart_runs_from_an_empty_folder_as_its_reader_runs_it(tmp_path):
    done = execute(EXAMPLES / "quickstart.py", "out", 1, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "out/run/report.html" in done.stdout


@pytest.mark.parametrize(
    ("script", "shows"),
    [
        ("notebook.py", "out/runs/cnn/report.html"),
        ("own_generator.py", "best epoch 1"),
        ("custom_architecture.py", "test accuracy"),
        ("follow_diagnosis.py", "next: "),
        ("label_errors.py", "of 36 wrong labels in all"),
    ],
)
def test_an_example_runs_from_an_empty_folder(run_python, script, shows, tmp_path):
    # An architecture that a script makes: that another process can load it is a part of this.
    wholly = script == "custom_architecture.py"
    done = run_python(EXAMPLES / script, "out", 1, cwd=tmp_path, wholly=wholly)
    assert done.returncode == 0, done.stderr
    assert shows in done.stdout


@pytest.mark.parametrize("shown", ["README.md", "examples/custom_architecture.py"])
def test_an_architecture_that_is_shown_keeps_the_contract_in_half_precision(shown):
    from imgclass import ModelSpec
    from imgclass.models.builder import find_fault
    from imgclass.training.hardware import building

    text = (EXAMPLES.parent / shown).read_text(encoding="utf-8")
    start = text.index("def perceptron")
    scope = {}
    exec(  # noqa: S102 - our own words
        "import keras; from keras import layers; from imgclass import ModelSpec\n"
        + text[start : text.index("\n\n\n", start)],
        scope,
    )
    spec = ModelSpec(image_size=(8, 8))
    with building(precision="mixed_bfloat16", seed=0):
        model = scope["perceptron"](spec, 3)
    assert find_fault(model, spec, num_classes=3) == ""


def test_the_cifar_example_runs_on_a_folder_of_its_shape(run_python, tmp_path):
    source = tmp_path / "cifar10-numbered"
    (source / "train").mkdir(parents=True)
    rng = np.random.default_rng(0)
    rows = ["id,label"]
    for i in range(1, 81):
        pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(source / "train" / f"{i}.jpg")
        rows.append(f"{i},{('cat', 'dog')[i % 2]}")
    (source / "trainLabels.csv").write_text("\n".join(rows))
    done = run_python(
        EXAMPLES / "cifar10.py", "out", 1, cwd=tmp_path, IMGCLASS_CIFAR10="cifar10-numbered"
    )
    assert done.returncode == 0, done.stderr
    assert "{'train': 72, 'val': 4, 'test': 4}" in done.stdout
    assert "out/run/report.html" in done.stdout


def test_the_cifar_example_says_what_is_missing(tmp_path):
    done = execute(EXAMPLES / "cifar10.py", cwd=tmp_path, IMGCLASS_CIFAR10="nowhere")
    assert done.returncode == 1
    assert "Set IMGCLASS_CIFAR10" in done.stderr


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder of installed packages with the example plugin in it."""
    site = tmp_path_factory.mktemp("site")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", site]
    installed = execute("-m", "pip", "install", *options, EXAMPLES / "plugin", cwd=site)
    assert installed.returncode == 0, installed.stderr
    return site


def test_the_example_plugin_is_listed_and_keeps_the_contract(site, tmp_path):
    paths = {"PYTHONPATH": search_path(site)}
    listed = execute("-m", "imgclass", "architectures", cwd=tmp_path, **paths)
    assert ["separable", "imgclass-separable", "0.1.0"] in map(
        str.split, listed.stdout.splitlines()
    )
    test = EXAMPLES / "plugin" / "test_separable.py"
    options = ["-p", "no:cacheprovider", "--rootdir", tmp_path]
    tested = execute("-m", "pytest", *options, test, cwd=tmp_path, **paths)
    assert tested.returncode == 0, tested.stdout
    assert "13 passed" in tested.stdout


# R3: the plugin has a layer of its own
@pytest.mark.thorough
def test_a_model_of_the_example_plugin_is_used_where_it_is_installed_and_else_asks_for_it(
    site, folder, tmp_path
):
    def imgclass(*words, plugin=True):
        paths = search_path(site) if plugin else search_path()
        return execute("-m", "imgclass", *words, cwd=tmp_path, PYTHONPATH=paths)

    options = ["--architecture", "separable", "--epochs", 1, "--run-dir", "run"]
    trained = imgclass("train", folder, *options)
    assert trained.returncode == 0, trained.stderr
    scored = pd.read_csv(tmp_path / "run" / "predictions.csv", dtype=str).iloc[-1]
    image = folder / scored["path"]
    (tmp_path / "run" / "model.keras").rename(tmp_path / "sent.keras")
    predicted = imgclass("predict", "sent.keras", image)
    assert f"{image}  {scored['predicted']} " in predicted.stdout, predicted.stderr
    without = imgclass("predict", "sent.keras", image, plugin=False)
    assert without.returncode == 3
    assert "pip install imgclass-separable==0.1.0" in without.stderr
    for verb in ("diagnose", "report"):
        assert imgclass(verb, "run", plugin=False).returncode == 0
