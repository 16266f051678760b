"""`imgclass train --resume`: what is refused, and what is said of what changes."""

import json
from dataclasses import replace

import pytest


@pytest.fixture
def ended(small_run, keep_run):
    """Keep a run that ended early, and what its failure advised."""

    def keep(status="failed", stage="training", **known):
        record = replace(small_run.record, status=status, stage=stage, **known)
        return keep_run(replace(small_run, record=record))

    return keep


@pytest.fixture
def resumed(monkeypatch, small_run):
    """What `resume_run` is called with; the run that it gives is a small one."""
    called = {}

    def resume_run(run, experiment, **options):
        called.update(run=run, experiment=experiment, **options)
        return small_run

    monkeypatch.setattr("imgclass.execution.resume_run", resume_run)
    return called


def test_neither_data_nor_a_run_is_wrong_usage(imgclass):
    done = imgclass("train")
    assert done.code == 2
    assert "imgclass train DATA, or imgclass train --resume RUN" in done.err


@pytest.mark.parametrize("option", ["--run-dir", "--follow"])
def test_options_of_another_run_beside_it_are_wrong_usage(imgclass, ended, tmp_path, option):
    done = imgclass("train", "--resume", ended(), option, tmp_path / "other")
    assert done.code == 2
    assert f"--resume without {option}" in done.err


def test_what_is_no_run_is_named(imgclass, tmp_path):
    done = imgclass("train", "--resume", tmp_path / "nowhere", "--json")
    assert done.code == 3
    assert "nowhere" in done.json["error"]["message"]


def test_a_finished_run_is_wrong_usage_and_says_how_it_would_go_on(imgclass, keep_run, small_run):
    done = imgclass("train", "--resume", keep_run(small_run), "--json")
    assert done.code == 2
    assert "--epochs 2" in done.json["error"]["message"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--seed", 5], "training.seed=0"),
        (["--learning-rate", 0.5], "training.learning_rate=0.1"),
        (["--width", 16], "spec.width=8"),
        (["--architecture", "vgg16"], "architecture='cnn'"),
        (["--augment", "strong"], "augmentation"),
        (["--no-tta"], None),
    ],
)
def test_an_option_that_differs_is_refused_by_name(imgclass, ended, resumed, options, says):
    done = imgclass("train", "--resume", ended(), *options)
    if says is None:  # what it was made with
        assert done.code == 0
        return
    assert done.code == 3
    assert says in done.err
    assert not resumed


def test_options_that_are_those_it_was_made_with_may_be_given_again(imgclass, ended, resumed):
    done = imgclass("train", "--resume", ended(), "--learning-rate", 0.1, "--batch-size", 32)
    assert done.code == 0, done.err
    assert "going on with" not in done.err
    assert resumed["data"] is None


def test_what_a_failure_advised_is_said_and_taken(imgclass, ended, resumed):
    done = imgclass("train", "--resume", ended(advice={"learning_rate": 0.01}))
    assert done.code == 0, done.err
    assert "continuing with training.learning_rate 0.01, which was 0.1" in done.err
    assert resumed["run"].record.advice == {"learning_rate": 0.01}


def test_more_epochs_are_said_and_handed_on(imgclass, keep_run, small_run, resumed):
    done = imgclass("train", "--resume", keep_run(small_run), "--epochs", 4)
    assert done.code == 0, done.err
    assert "continuing with training.epochs 4, which was 1" in done.err
    assert resumed["experiment"].training.epochs == 4


def test_where_the_data_lies_now_and_other_versions_are_handed_on(
    imgclass, ended, resumed, tmp_path
):
    done = imgclass("train", tmp_path / "moved", "--resume", ended(), "--other-versions")
    assert done.code == 0, done.err
    assert resumed["data"] == tmp_path / "moved"
    assert resumed["other_versions"] is True


def test_it_is_told_and_reported_as_any_training(imgclass, ended, resumed, small_run):
    path = ended()
    done = imgclass("train", "--resume", path, "--json")
    assert done.code == 0
    assert done.json["id"] == small_run.record.id
    assert (path / "report.html").exists()
    assert resumed


@pytest.mark.keras
def test_a_run_that_lacks_its_checkpoints_says_what_is_missing(imgclass, organized, tmp_path):
    options = ["--epochs", 1, "--depth", 1, "--width", 4, "--precision", "float32"]
    path = tmp_path / "run"
    assert imgclass("train", organized, "--run-dir", path, *options).code == 0
    record = json.loads((path / "run.json").read_text()) | {
        "status": "running",
        "stage": "training",
    }
    (path / "run.json").write_text(json.dumps(record))
    (path / "checkpoints").rename(tmp_path / "elsewhere")
    done = imgclass("train", "--resume", path, "--json")
    assert done.code == 3
    assert "Expected a checkpoint in" in done.json["error"]["message"]
    (tmp_path / "elsewhere").rename(path / "checkpoints")
    done = imgclass("train", "--resume", path, "--json")
    assert (done.code, done.json["status"], done.json["epochs"]) == (0, "finished", 1)
