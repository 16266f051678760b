import json
import time

import pytest

from imgclass.errors import UsageError

pytestmark = pytest.mark.keras


@pytest.fixture
def trained(imgclass, organized, monkeypatch):
    monkeypatch.chdir(organized.parent)
    options = ["--epochs", 2, "--depth", 1, "--width", 4, "--precision", "float32"]
    options += ["--learning-rate", 1e-4, "--json"]  # too low to be good enough
    return imgclass("train", organized, *options)


def test_an_option_of_the_recommendation_can_be_followed(imgclass, trained, organized):
    assert trained.code == 0
    recommendation = imgclass("diagnose", "runs/cnn-1", "--json").json["recommendation"]
    followed = imgclass("train", organized, "--follow", "runs/cnn-1", "--epochs", 1, "--json")
    assert followed.code == 0
    assert ", ".join(recommendation["changes"]) in followed.err


def test_a_run_directory_that_exists_is_refused_before_training(imgclass, organized):
    (organized.parent / "mine").mkdir()
    done = imgclass("train", organized, "--run-dir", organized.parent / "mine", "--json")
    assert done.code == 3
    assert "exists" in done.json["error"]["message"]


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (["--optimizer", "rmsprp"], "Did you mean 'rmsprop'?"),
        (["--loss", "dise"], "Did you mean 'dice'?"),
        (["--metrics", "auc, f1"], "received metrics='f1'"),
        (["--head-units", "0"], "received head_units=(0,)"),
    ],
)
def test_an_option_that_cannot_be_is_a_usage_error_before_training(imgclass, options, hint):
    done = imgclass("train", "nowhere", *options, "--json")
    assert done.code == 2
    assert hint in done.json["error"]["message"]


def test_the_help_says_which_optimizers_there_are(imgclass):
    words = imgclass("train", "--help").out.replace(",", " ").split()
    assert {"adam", "muon", "rmsprop", "adafactor"} <= set(words)


def test_another_optimizer_loss_and_metric_are_trained_with(imgclass, organized, monkeypatch):
    monkeypatch.chdir(organized.parent)
    options = ["--epochs", 1, "--depth", 1, "--width", 4, "--precision", "float32"]
    options += ["--optimizer", "lion", "--loss", "dice", "--metrics", "auc,f1_score", "--json"]
    done = imgclass("train", organized, *options)
    assert done.code == 0


def test_a_tree_without_splits_is_trained_on_and_its_split_shown(imgclass, source):
    photos = source / "photos"
    for label, rest in (("dark", 0), ("light", 1)):
        (photos / label).mkdir(parents=True)
        for i in range(rest, 40, 2):
            (source / "images" / f"{i}.png").rename(photos / label / f"{i}.png")
    (photos / "dark" / "broken.png").write_bytes(b"")
    (photos / "dark" / "drawing.svg").write_text("<svg/>")
    options = ["--epochs", 1, "--depth", 1, "--width", 4, "--precision", "float32", "--json"]
    done = imgclass("train", photos, *options, "--run-dir", source / "run")
    assert done.code == 0
    lines = done.err.splitlines()
    assert lines[0].split() == ["class", "train", "val", "test", "all"]
    assert lines[3].split() == ["all", "24", "8", "8", "40"]
    assert "Left out: 1 image that cannot be used." in lines
    assert done.json["test"]["n"] == 8
    assert not any((photos / name).exists() for name in ("train", "val", "manifest.csv"))
    ignored = "1 .svg file is ignored; convert it to JPEG or PNG to use it."
    assert ignored in lines
    assert ignored in done.json["data"]["notices"]
    assert done.json["data"]["formats"] == {"PNG": 40}
    record = json.loads((source / "run" / "run.json").read_text())
    assert ignored in record["data_notices"]


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (["data", "--budget", "soon"], "90s, 10m or 1.5h"),
        (["--resume", "run", "--budget", "10m"], "--resume without --budget"),
    ],
)
def test_a_budget_that_cannot_be_is_a_usage_error_before_the_data_are_read(imgclass, options, hint):
    done = imgclass("train", *options, "--json")
    assert done.code == 2
    assert hint in done.json["error"]["message"]


def test_a_budget_takes_the_place_of_the_epochs_and_counts_from_the_start(
    imgclass, run_dir, organized, monkeypatch
):
    seen = []

    def run_experiment(_, experiment, *, budget, **__):
        seen.append((experiment.training.epochs, budget))
        raise UsageError("seen")

    monkeypatch.setattr("imgclass.execution.run_experiment", run_experiment)
    imgclass("train", organized, "--follow", run_dir, "--budget", "2m")
    imgclass("train", organized, "--epochs", 3, "--budget", "2m")
    (followed, budget), (given, _) = seen
    assert (followed, given) == (None, 3)
    assert budget.seconds == 120
    assert time.monotonic() - budget.began > 0  # this process began long before
