from dataclasses import replace
from pathlib import Path

import pytest

import imgclass
from imgclass.errors import RunError


@pytest.fixture
def shelf(small_run, keep_run):
    """A directory with a finished run, one that follows it and was killed, and a damaged one."""
    root = small_run.path.parent / "runs"
    root.mkdir()
    keep_run(replace(small_run, path=root / "cnn-1"))
    record = replace(
        small_run.record,
        id="b",
        parent=small_run.record.id,
        status="running",
        stage="training",
        started="2026-11-28T10:00:00+00:00",
    )
    keep_run(
        replace(
            small_run,
            path=root / "cnn-2",
            record=record,
            kept_evaluation=None,
            kept_diagnosis=None,
        )
    )
    (root / "cnn-3").mkdir()
    (root / "cnn-3" / "run.json").write_text("{")
    (root / "notes").mkdir()
    (root / "notes.txt").write_text("no run")
    return root


def test_runs_are_listed_with_status_scores_and_what_they_follow(shelf):
    damaged, first, second = imgclass.runs(shelf)
    assert (first.name, first.status, first.architecture) == ("cnn-1", "finished", "cnn")
    assert first.val_accuracy == pytest.approx(0.8)
    low, high = first.val_interval
    assert low < 0.8 < high
    assert (first.epochs, first.planned, first.seconds) == (1, 1, 2.0)
    assert (second.status, second.parent, second.val_accuracy) == ("interrupted", "cnn-1", None)
    assert (damaged.name, damaged.status) == ("cnn-3", "damaged")
    assert "run.json" in damaged.reason


def test_runs_are_a_table(shelf):
    table = imgclass.runs(shelf).to_frame()
    assert list(table.index) == ["cnn-3", "cnn-1", "cnn-2"]
    assert table.loc["cnn-1", "val_accuracy"] == pytest.approx(0.8)
    assert table.loc["cnn-2", "parent"] == "cnn-1"


def test_runs_are_a_sequence(shelf):
    found = imgclass.runs(shelf)
    assert len(found) == 3
    assert [run.name for run in found[1:]] == ["cnn-1", "cnn-2"]
    assert repr(found) == "<RunList: 3 runs: cnn-3, cnn-1, cnn-2>"


def test_runs_of_one_second_are_in_the_order_of_their_numbers(small_run, keep_run):
    root = small_run.path.parent
    for number in (10, 9):
        record = replace(small_run.record, id=str(number))
        keep_run(replace(small_run, path=root / f"cnn-{number}", record=record))
    assert [run.name for run in imgclass.runs(root)] == ["cnn-9", "cnn-10"]


def test_one_run_is_a_list_of_one(shelf):
    assert [run.name for run in imgclass.runs(shelf / "cnn-1")] == ["cnn-1"]


def test_a_directory_without_runs_is_an_empty_list(tmp_path):
    assert len(imgclass.runs(tmp_path)) == 0
    assert imgclass.runs(tmp_path).to_frame().empty


def test_a_directory_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RunError, match="there is no directory"):
        imgclass.runs(tmp_path / "none")


def test_runs_of_the_first_version_are_listed():
    (run,) = imgclass.runs(Path(__file__).parent / "run-0.1.0")
    assert (run.status, run.architecture, run.epochs, run.planned) == ("finished", "cnn", 3, 3)
    assert run.val_accuracy == 1.0


def test_names_in_a_notebook_are_escaped(small_run, keep_run):
    experiment = replace(small_run.experiment, architecture="<b>")
    keep_run(replace(small_run, experiment=experiment))
    assert "&lt;b&gt;" in imgclass.runs(small_run.path)._repr_html_()
