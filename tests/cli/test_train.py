from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.keras


@pytest.fixture
def trained(imgclass, organized, monkeypatch):
    monkeypatch.chdir(organized.parent)
    options = ["--epochs", 2, "--depth", 1, "--width", 4, "--precision", "float32"]
    options += ["--learning-rate", 1e-4, "--json"]  # too low to be good enough
    return imgclass("train", organized, *options)


def test_training_is_described_by_one_json_object(trained):
    assert trained.code == 0
    result = trained.json
    assert (result["architecture"], result["epochs"]) == ("cnn", 2)
    assert result["seconds"] > 0
    for split, n in (("train", 24), ("val", 8), ("test", 8)):
        assert result[split]["n"] == n
        low, high = result[split]["interval"]
        assert 0 <= low <= result[split]["accuracy"] <= high <= 1
    assert {"name", "gap", "interval", "advice"} == set(result["findings"][0])
    assert (result["status"], result["mirrored"]) == ("finished", {})
    place = Path("runs/cnn-1").absolute()
    assert (result["run_dir"], result["report"]) == (str(place), str(place / "report.html"))


def test_a_trained_run_is_diagnosed_followed_and_used(imgclass, trained, source):
    assert trained.code == 0
    diagnosis = imgclass("diagnose", "runs/cnn-1", "--json").json
    assert [f["name"] for f in diagnosis["findings"]] == [
        f["name"] for f in trained.json["findings"]
    ]

    bad = source / "bad.png"
    bad.write_text("no image")
    good = source / "images" / "1.png"
    done = imgclass("predict", "runs/cnn-1", good, bad, "--top", 1, "--json")
    assert done.code == 4
    first, second = done.json["predictions"]
    assert first["path"] == str(good)
    assert set(first["top"][0]) == {"class", "probability"}
    assert second["top"] == []
    assert "bad.png" in second["error"]


def test_an_option_of_the_recommendation_can_be_followed(imgclass, trained, organized):
    assert trained.code == 0
    recommendation = imgclass("diagnose", "runs/cnn-1", "--json").json["recommendation"]
    followed = imgclass("train", organized, "--follow", "runs/cnn-1", "--epochs", 1, "--json")
    assert followed.code == 0
    assert ", ".join(recommendation["changes"]) in followed.err


def test_a_folder_is_predicted_file_by_file(imgclass, trained, source):
    assert trained.code == 0
    (source / "images" / "notes.txt").write_text("not an image")
    done = imgclass("predict", "runs/cnn-1", source / "images", "--top", 1, "--json")
    assert done.code == 0
    assert [p["path"] for p in done.json["predictions"]] == sorted(
        str(path) for path in (source / "images").glob("*.png")
    )


def test_a_run_directory_that_exists_is_refused_before_training(imgclass, organized):
    (organized.parent / "mine").mkdir()
    done = imgclass("train", organized, "--run-dir", organized.parent / "mine", "--json")
    assert done.code == 3
    assert "exists" in done.json["error"]["message"]


def test_an_array_and_a_file_are_predicted_alike(trained, source):
    from imgclass import Run

    run = Run.load(trained.json["run_dir"])
    path = source / "images" / "1.png"
    with Image.open(path) as image:
        pixels = np.asarray(image)
    by_path, by_array = run.predict([path, pixels])
    np.testing.assert_array_equal(by_path.probabilities, by_array.probabilities)


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
