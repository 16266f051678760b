from dataclasses import replace

import pytest


@pytest.fixture
def shelf(small_run, keep_run):
    """A finished run, and one that was killed."""
    keep_run(replace(small_run, path=small_run.path.with_name("cnn-1")))
    record = replace(
        small_run.record,
        id="b",
        parent=small_run.record.id,
        status="running",
        stage="training",
        started="2026-11-28T09:30:00+00:00",
    )
    path = small_run.path.with_name("cnn-2")
    run = replace(small_run, path=path, record=record, kept_evaluation=None, kept_diagnosis=None)
    keep_run(run)
    return path.parent


def test_runs_are_listed_with_their_figures_and_what_is_the_matter(imgclass, shelf):
    lines = imgclass("runs", shelf).out.splitlines()
    assert lines[0].split()[:4] == ["run", "status", "architecture", "epochs"]
    assert lines[1].startswith("cnn-1  finished     cnn           1/1     80.0 %")
    assert lines[2].split()[:2] == ["cnn-2", "interrupted"]
    assert lines[2].endswith("2026-11-28 09:30  cnn-1")
    assert lines[-1].startswith("cnn-2: Its process ended without a word")


def test_runs_are_one_json_object(imgclass, shelf):
    first, second = imgclass("runs", shelf, "--json").json["runs"]
    assert (first["name"], first["status"], first["val_accuracy"]) == ("cnn-1", "finished", 0.8)
    assert first["val_interval"][0] < 0.8 < first["val_interval"][1]
    assert (second["status"], second["parent"], second["val_accuracy"]) == (
        "interrupted",
        "cnn-1",
        None,
    )


def test_a_folder_without_runs_is_said(imgclass, tmp_path):
    assert imgclass("runs", tmp_path).out == f"There is no run in {tmp_path}.\n"


def test_a_folder_that_is_not_there_is_refused(imgclass, tmp_path):
    done = imgclass("runs", tmp_path / "none")
    assert (done.code, "there is no directory" in done.err) == (3, True)


@pytest.mark.parametrize("verb", ["diagnose", "report"])
def test_a_run_without_scores_says_how_to_go_on(imgclass, shelf, verb):
    done = imgclass(verb, shelf / "cnn-2")
    assert done.code == 3
    assert f"Score it: imgclass evaluate {shelf / 'cnn-2'}." in done.err


def test_a_run_without_a_diagnosis_gets_one(imgclass, small_run, keep_run):
    record = replace(small_run.record, status="failed", stage="diagnosing")
    path = keep_run(replace(small_run, record=record, kept_diagnosis=None))
    assert imgclass("diagnose", path).out.startswith("high_variance: ")
    assert (path / "diagnosis.json").exists()
    assert imgclass("runs", path, "--json").json["runs"][0]["status"] == "finished"


def test_predicting_nothing_is_refused(imgclass, small_run, keep_run, tmp_path):
    (tmp_path / "empty").mkdir()
    done = imgclass("predict", keep_run(small_run), tmp_path / "empty")
    assert (done.code, "none of the 0 files below" in done.err) == (2, True)


def test_what_is_neither_a_run_nor_a_model_is_named(imgclass, tmp_path):
    (tmp_path / "notes.txt").write_text("no model")
    done = imgclass("predict", tmp_path / "notes.txt", tmp_path / "a.png")
    assert done.code in (2, 3, 5)
    assert "notes.txt" in done.err
