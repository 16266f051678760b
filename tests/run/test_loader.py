import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from imgclass.errors import RunError
from imgclass.evaluation import ConstantImages, MirrorImages
from imgclass.io.fs import FileSystem
from imgclass.io.lock import held_lock
from imgclass.run import Run

DOCUMENTS = ["diagnosis.json", "evaluation.json", "experiment.json", "run.json"]


@pytest.fixture
def saved(small_run, keep_run):
    keep_run(small_run)
    return small_run


def unfinished(run, **changes):
    record = replace(run.record, status="running", stage="training", **changes)
    return replace(run, record=record, kept_evaluation=None, kept_diagnosis=None)


def test_a_run_comes_back_from_disk_as_it_was(saved):
    again = Run.load(saved.path)
    for part in ("record", "experiment", "manifest", "history", "evaluation", "diagnosis"):
        assert getattr(again, part) == getattr(saved, part), part


def test_the_numbers_of_plain_images_come_back_as_they_were(small_run, keep_run):
    plain = {"train": ConstantImages(2_000, {"NA": (7, 1_000)}), "val": ConstantImages(400, {})}
    evaluation = replace(small_run.evaluation, constant=plain)
    keep_run(replace(small_run, kept_evaluation=evaluation))
    again = Run.load(small_run.path)
    assert again.evaluation == evaluation
    assert again.evidence.constant == plain


def test_the_numbers_of_mirror_images_come_back_as_they_were(small_run, keep_run):
    evaluation = replace(small_run.evaluation, mirror_images=MirrorImages(400, 380, 120))
    keep_run(replace(small_run, kept_evaluation=evaluation))
    again = Run.load(small_run.path)
    assert again.evaluation == evaluation
    assert again.evidence.mirror_images == MirrorImages(400, 380, 120)


def test_a_file_name_that_is_no_utf8_comes_back_as_it_was(small_run, keep_run):
    odd = "train/01/caf\udce9.png"
    first, *others = small_run.manifest.samples
    predictions = small_run.evaluation.predictions.replace(first.path, odd)
    manifest = replace(small_run.manifest, samples=(replace(first, path=odd), *others))
    evaluation = replace(small_run.evaluation, predictions=predictions)
    keep_run(replace(small_run, manifest=manifest, kept_evaluation=evaluation))
    again = Run.load(small_run.path)
    assert again.manifest == manifest
    assert again.evaluation.predictions["path"][0] == odd


def test_a_directory_of_a_run_holds_everything(saved):
    assert sorted(path.name for path in saved.path.iterdir()) == [
        "diagnosis.json",
        "evaluation.json",
        "experiment.json",
        "history.csv",
        "manifest.csv",
        "model.keras",
        "predictions.csv",
        "probabilities.npz",
        "run.json",
    ]


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(RunError, match=r"has no run\.json"):
        Run.load(tmp_path)


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("content", ["", "{", '{"odd": 1}', "[]", "[" * 100_000])
def test_a_damaged_file_is_named(saved, name, content):
    (saved.path / name).write_text(content)
    with pytest.raises(RunError, match=name):
        Run.load(saved.path)


@pytest.mark.parametrize("name", ["history.csv", "manifest.csv", "predictions.csv"])
@pytest.mark.parametrize("content", ["", "odd\n1\n"])
def test_a_damaged_table_is_named(saved, name, content):
    (saved.path / name).write_text(content)
    with pytest.raises(RunError, match=name):
        Run.load(saved.path)


@pytest.mark.parametrize("name", ["experiment.json", "manifest.csv", "predictions.csv"])
def test_a_missing_file_is_named(saved, name):
    (saved.path / name).unlink()
    with pytest.raises(RunError, match=name):
        Run.load(saved.path)


def test_predictions_that_do_not_agree_with_the_scores_are_named(saved):
    path = saved.path / "predictions.csv"
    path.write_text(path.read_text().replace("val,NA,NA", "val,NA,01"))
    with pytest.raises(RunError, match=r"predictions\.csv: its val rows are right for"):
        Run.load(saved.path)


def test_probabilities_of_another_number_of_images_are_named(saved):
    import numpy as np

    np.savez(saved.path / "probabilities.npz", val=np.zeros((3, 2), np.float32))
    with pytest.raises(RunError, match=r"probabilities\.npz: expected val of shape"):
        Run.load(saved.path)


def test_a_run_of_a_later_version_is_refused(saved):
    path = saved.path / "run.json"
    path.write_text(path.read_text().replace('"format": 2', '"format": 99'))
    with pytest.raises(RunError, match=r"format 2; .* has 99"):
        Run.load(saved.path)


def test_an_unfinished_run_says_how_far_it_came_and_how_to_go_on(small_run, keep_run):
    keep_run(unfinished(small_run))
    run = Run.load(small_run.path)
    assert run.standing == "The run run was interrupted while training, after epoch 1 of 1."
    with pytest.raises(RunError, match=r"has no scores\. Score it: imgclass evaluate .*run\."):
        _ = run.evaluation
    with pytest.raises(RunError, match=r"has no diagnosis\. Score it: imgclass evaluate"):
        _ = run.diagnosis


def test_a_run_without_a_model_says_so(small_run, keep_run):
    keep_run(unfinished(small_run))
    (small_run.path / "model.keras").unlink()
    with pytest.raises(RunError, match="It has no model"):
        _ = Run.load(small_run.path).model


def test_a_run_whose_process_is_gone_was_interrupted(small_run, keep_run):
    keep_run(unfinished(small_run))
    assert Run.load(small_run.path).status == "interrupted"
    assert "killed" in Run.load(small_run.path).record.reason


def test_a_run_whose_process_is_at_work_is_running(small_run, keep_run):
    keep_run(unfinished(small_run))
    with held_lock(str(small_run.path / ".lock"), FileSystem()):
        child = f"from imgclass import Run; print(Run.load({str(small_run.path)!r}).status)"
        said = subprocess.run(
            [sys.executable, "-c", child], capture_output=True, text=True, check=True
        )
    assert said.stdout.strip() == "running"


def test_a_path_is_resolved_when_the_run_is_loaded(saved, tmp_path, monkeypatch):
    monkeypatch.chdir(saved.path.parent)
    run = Run.load(saved.path.name)
    monkeypatch.chdir(tmp_path.parent)
    assert run.path == saved.path
    assert run.classifier.path == saved.path / "model.keras"


def test_runs_compare_and_hash_by_what_identifies_them(saved, small_run):
    again = Run.load(os.path.relpath(saved.path))
    assert again == small_run
    assert len({again, small_run}) == 1
    other = replace(small_run, record=replace(small_run.record, id="other"))
    assert other != small_run


def test_a_run_shows_itself_shortly(saved):
    run = Run.load(saved.path)
    assert repr(run).startswith("<Run run: cnn, finished, 1 epoch, train 99.0 %")
    assert len(repr(run)) < 250
    page = run._repr_html_()
    assert "<th>architecture</th><td>cnn</td>" in page
    assert "<th>val</th><td>val 80.0 % (75.8 to 83.6 %)</td>" in page
    assert "<th>verdict</th><td>high_variance</td>" in page
    assert "<th>next step</th><td>epochs 1 to 30; augmentation light to medium</td>" in page


def test_names_in_a_notebook_are_escaped(saved):
    hostile = replace(saved, path=Path("<b>run"))
    assert "&lt;b&gt;run" in hostile._repr_html_()
