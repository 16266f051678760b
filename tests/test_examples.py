import os
import subprocess
import sys
from pathlib import Path

import numpy as np
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


@pytest.mark.parametrize(
    ("script", "shows"),
    [
        ("quickstart.py", "out/run/report.html"),
        ("own_generator.py", "best epoch 1"),
        ("custom_architecture.py", "test accuracy"),
        ("follow_diagnosis.py", "next: "),
    ],
)
def test_an_example_runs_from_an_empty_folder(script, shows, tmp_path):
    done = execute(EXAMPLES / script, "out", 1, cwd=tmp_path)
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


def test_the_cifar_example_runs_on_a_folder_of_its_shape(tmp_path):
    source = tmp_path / "cifar10-numbered"
    (source / "train").mkdir(parents=True)
    rng = np.random.default_rng(0)
    rows = ["id,label"]
    for i in range(1, 81):
        pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(source / "train" / f"{i}.jpg")
        rows.append(f"{i},{('cat', 'dog')[i % 2]}")
    (source / "trainLabels.csv").write_text("\n".join(rows))
    done = execute(
        EXAMPLES / "cifar10.py", "out", 1, cwd=tmp_path, IMGCLASS_CIFAR10="cifar10-numbered"
    )
    assert done.returncode == 0, done.stderr
    assert "{'train': 72, 'val': 4, 'test': 4}" in done.stdout
    assert "out/run/report.html" in done.stdout


def test_the_cifar_example_says_what_is_missing(tmp_path):
    done = execute(EXAMPLES / "cifar10.py", cwd=tmp_path, IMGCLASS_CIFAR10="nowhere")
    assert done.returncode == 1
    assert "Set IMGCLASS_CIFAR10" in done.stderr


def test_the_example_plugin_is_installed_found_trained_and_keeps_the_contract(tmp_path):
    site = tmp_path / "site"
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", site]
    installed = execute("-m", "pip", "install", *options, EXAMPLES / "plugin", cwd=tmp_path)
    assert installed.returncode == 0, installed.stderr
    listed = execute("-m", "imgclass", "architectures", cwd=tmp_path, PYTHONPATH=str(site))
    assert ["separable", "imgclass-separable", "0.1.0"] in map(
        str.split, listed.stdout.splitlines()
    )
    script = (
        "from imgclass import *; from imgclass.data.digits import write_digits\n"
        "labels, images = write_digits('source')\n"
        "folder = DatasetOrganizer().organize(labels, images, 'data')\n"
        "experiment = Experiment('separable', training=TrainingConfig(epochs=1))\n"
        "print(run_experiment(folder, experiment, run_dir='run').experiment.spec.width)\n"
    )
    trained = execute("-c", script, cwd=tmp_path, PYTHONPATH=str(site))
    assert trained.returncode == 0, trained.stderr
    assert trained.stdout.strip() == "32"
    test = EXAMPLES / "plugin" / "test_separable.py"
    options = ["-p", "no:cacheprovider", "--rootdir", tmp_path]
    tested = execute("-m", "pytest", *options, test, cwd=tmp_path, PYTHONPATH=str(site))
    assert tested.returncode == 0, tested.stdout
    assert "13 passed" in tested.stdout
