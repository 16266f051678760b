"""What answers at once: importing imgclass, and the values that are read without Keras."""

import subprocess
import sys

import pytest
from PIL import Image

KERAS_FREE = [
    "imgclass",
    "imgclass.audit",
    "imgclass.data",
    "imgclass.diagnosis",
    "imgclass.evaluation",
    "imgclass.experiment",
    "imgclass.flows",
    "imgclass.flows.augment.augmentation",
    "imgclass.flows.flow",
    "imgclass.models",
    "imgclass.models.spec",
    "imgclass.registry",
    "imgclass.report",
    "imgclass.run",
    "imgclass.serialization",
    "imgclass.serving",
    "imgclass.training",
    "imgclass.training.config",
    "imgclass.training.history",
]

REPORT_HEAVY = """
import atexit, sys
HEAVY = {"keras", "tensorflow", "matplotlib.pyplot"}
atexit.register(lambda: print("heavy:", *sorted(HEAVY & set(sys.modules))))
"""


def heavy_modules_after(code: str, *arguments: str) -> list[str]:
    """Run `code` in a fresh interpreter and return what it imported that takes seconds."""
    finished = subprocess.run(
        [sys.executable, "-c", REPORT_HEAVY + code, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    _, _, heavy = finished.stdout.rpartition("heavy:")
    return heavy.split()


def test_importing_does_not_import_keras():
    # One after the other, so that the first that brings it is named.
    code = (
        "from importlib import import_module\n"
        "for name in sys.argv[1:]:\n"
        "    import_module(name)\n"
        "    assert not {'keras', 'tensorflow'} & set(sys.modules), name\n"
    )
    assert heavy_modules_after(code, *KERAS_FREE) == []


def heavy_modules_after_command(*words) -> list[str]:
    code = "import sys; from imgclass.cli import main; main(sys.argv[1:])"
    return heavy_modules_after(code, *map(str, words))


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["train", "--help"], ["architectures"]], ids=" ".join
)
def test_a_command_that_only_tells_does_not_import_keras(words):
    assert heavy_modules_after_command(*words) == []


@pytest.mark.thorough
def test_organize_does_not_import_keras(tmp_path):
    images, labels = tmp_path / "images", tmp_path / "labels.csv"
    images.mkdir()
    for number in range(20):
        Image.new("L", (8, 8), number).save(images / f"{number}.png")
    rows = (f"{number},{'ab'[number % 2]}" for number in range(20))
    labels.write_text("\n".join(("id,label", *rows)))
    assert heavy_modules_after_command("organize", labels, images, tmp_path / "data") == []
    assert (tmp_path / "data" / "manifest.csv").is_file()


@pytest.mark.thorough
@pytest.mark.parametrize("verb", ["diagnose", "report", "runs"])
def test_a_verb_that_reads_a_run_does_not_import_keras(verb, small_run, keep_run):
    assert heavy_modules_after_command(verb, keep_run(small_run)) == []


def test_an_import_of_keras_would_be_seen():
    code = "import types; sys.modules['keras'] = types.ModuleType('keras')"
    assert heavy_modules_after(code) == ["keras"]
