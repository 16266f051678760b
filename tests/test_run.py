import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from imgclass.errors import MachineError, RunError
from imgclass.run import Run, save_run


@pytest.fixture
def saved(small_run, paper_model):
    save_run(small_run, paper_model)
    return small_run


def failing(error):
    def save(_):
        raise error

    return SimpleNamespace(save=save)


def test_a_run_comes_back_from_disk_as_it_was(saved):
    again = Run.load(saved.path)
    pd.testing.assert_frame_equal(again.evaluation.predictions, saved.evaluation.predictions)
    bare = replace(saved.evaluation, predictions=None)
    assert replace(again, evaluation=replace(again.evaluation, predictions=None)) == replace(
        saved, evaluation=bare
    )


def test_a_file_name_that_is_no_utf8_comes_back_as_it_was(small_run, paper_model):
    odd = "train/01/caf\udce9.png"
    predictions = small_run.evaluation.predictions.replace("train/01/0.png", odd)
    first = replace(small_run.manifest.samples[0], path=odd)
    manifest = replace(small_run.manifest, samples=(first, *small_run.manifest.samples[1:]))
    run = replace(
        small_run,
        manifest=manifest,
        evaluation=replace(small_run.evaluation, predictions=predictions),
    )
    save_run(run, paper_model)
    again = Run.load(run.path)
    assert again.manifest == manifest
    assert again.evaluation.predictions["path"][0] == odd


def test_a_directory_of_a_run_holds_everything(saved):
    assert sorted(path.name for path in saved.path.iterdir()) == [
        "diagnosis.json",
        "evaluation.json",
        "experiment.json",
        "history.json",
        "manifest.csv",
        "model.keras",
        "predictions.csv",
        "run.json",
    ]


def test_a_run_is_never_overwritten(saved, paper_model):
    with pytest.raises(RunError, match="exists"):
        save_run(saved, paper_model)


def test_a_run_that_cannot_be_written_leaves_nothing(small_run):
    model = failing(OSError(28, "No space left on device"))
    with pytest.raises(MachineError, match="No space left"):
        save_run(small_run, model)
    assert not list(small_run.path.parent.iterdir())


def test_a_run_that_fails_otherwise_leaves_nothing_either(small_run):
    with pytest.raises(RuntimeError, match="broken"):
        save_run(small_run, failing(RuntimeError("broken")))
    assert not list(small_run.path.parent.iterdir())


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(RunError, match=r"has no run\.json"):
        Run.load(tmp_path)


@pytest.mark.parametrize(
    "name", ["diagnosis.json", "evaluation.json", "experiment.json", "history.json"]
)
@pytest.mark.parametrize("content", [None, "", "{", '{"odd": 1}', "[]"])
def test_a_missing_or_damaged_file_is_named(saved, name, content):
    (saved.path / name).unlink()
    if content is not None:
        (saved.path / name).write_text(content)
    with pytest.raises(RunError, match=name):
        Run.load(saved.path)


@pytest.mark.parametrize("name", ["manifest.csv", "predictions.csv"])
@pytest.mark.parametrize("content", [None, "", "odd\n1\n"])
def test_a_missing_or_damaged_table_is_named(saved, name, content):
    (saved.path / name).unlink()
    if content is not None:
        (saved.path / name).write_text(content)
    with pytest.raises(RunError, match=name):
        Run.load(saved.path)


def test_a_run_of_another_format_is_refused(saved):
    text = (saved.path / "run.json").read_text().replace('"format": 1', '"format": 99')
    (saved.path / "run.json").write_text(text)
    with pytest.raises(RunError, match=r"format 1; .* has 99"):
        Run.load(saved.path)


def test_a_model_that_is_missing_is_named(saved):
    (saved.path / "model.keras").unlink()
    with pytest.raises(RunError, match=r"model\.keras"):
        _ = Run.load(saved.path).model


@pytest.mark.keras
def test_a_model_that_keras_cannot_read_is_named(saved):
    with pytest.raises(RunError, match=r"model\.keras could not be read by Keras"):
        _ = Run.load(saved.path).model


@pytest.mark.keras
def test_keras_alone_reads_the_model_of_a_run(small_run):
    from imgclass.models import ModelSpec, architectures
    from imgclass.training.muon import Muon

    model = architectures.get("cnn")(ModelSpec(image_size=(8, 8), depth=1, width=8), 2)
    model.compile(Muon(), "categorical_crossentropy")
    save_run(small_run, model)
    script = """
import sys
sys.modules["imgclass"] = None
import keras
print(keras.models.load_model(sys.argv[1]).output_shape)
"""
    file = small_run.path / "model.keras"
    out = subprocess.run(
        [sys.executable, "-c", script, file], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "(None, 2)"
