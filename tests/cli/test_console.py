"""The main job as a user does it: each verb a process of its own, in a directory of its own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

pytestmark = [pytest.mark.keras, pytest.mark.thorough]

IMGCLASS = shutil.which("imgclass", path=str(Path(sys.executable).parent))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with 60 images of two classes told apart by brightness, and their CSV."""
    home = tmp_path_factory.mktemp("home")
    (home / "images").mkdir()
    rows = ["id,label"]
    for i in range(60):
        Image.new("RGB", (8, 8), (i + 150 * (i % 2),) * 3).save(home / "images" / f"{i}.png")
        rows.append(f"{i},{('dark', 'light')[i % 2]}")
    (home / "labels.csv").write_text("\n".join(rows))
    return home


@pytest.fixture(scope="module")
def imgclass(tmp_path_factory):
    """Run the installed command in an empty directory; return its JSON, or its output."""

    def run(*words, code=0):
        done = subprocess.run(
            [IMGCLASS, *map(str, words)],
            cwd=tmp_path_factory.mktemp("elsewhere"),
            env=os.environ | {"PYTHONPATH": os.environ.get("PYTHONPATH", "")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout) if "--json" in words else done.stdout

    return run


@pytest.fixture
def imgclass_started_quickly(run_python, tmp_path):
    """The same for further verbs that need Keras: a process each, which has imported it before."""

    def run(*words):
        done = run_python("-m", "imgclass", *words, "--json", cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="module")
def organized(imgclass, home):
    counts = ["--val", 10, "--test", 10, "--json"]
    return imgclass("organize", home / "labels.csv", home / "images", home / "data", *counts)


@pytest.fixture(scope="module")
def trained(imgclass, home, organized):
    """What training with default settings says; its run is in `home`."""
    assert organized
    return imgclass("train", home / "data", "--run-dir", home / "runs" / "cnn", "--json")


def test_training_says_how_it_went(trained, home):
    assert (trained["architecture"], trained["status"]) == ("cnn", "finished")
    assert trained["seconds"] > 0
    assert trained["mirrored"] == {}
    for split, n in (("train", 40), ("val", 10), ("test", 10)):
        low, high = trained[split]["interval"]
        assert trained[split]["n"] == n
        assert 0 <= low <= trained[split]["accuracy"] <= high <= 1
    assert {"name", "gap", "interval", "advice"} == set(trained["findings"][0])
    assert Path(trained["run_dir"]) == home / "runs" / "cnn"


# R1
def test_another_process_predicts_with_the_run(imgclass, trained, home):
    (home / "images" / "bad.png").write_text("no image")
    (home / "images" / "notes.txt").write_text("no image")
    said = imgclass("predict", trained["run_dir"], home / "images", "--top", 1, "--json", code=4)
    found = {Path(p["path"]).name: p for p in said["predictions"]}
    assert [p["path"] for p in said["predictions"]] == sorted(
        map(str, (home / "images").glob("*.png"))
    )
    assert "bad.png" in found.pop("bad.png")["error"]
    classes = [found[f"{i}.png"]["top"][0]["class"] for i in range(60)]
    assert classes == ["dark", "light"] * 30


def test_the_model_file_is_enough_where_nothing_else_of_the_run_is(
    imgclass_started_quickly, trained, home, tmp_path
):
    shutil.copy(Path(trained["run_dir"]) / "model.keras", tmp_path / "sent.keras")
    said = imgclass_started_quickly("predict", tmp_path / "sent.keras", home / "images" / "1.png")
    assert said["predictions"][0]["top"][0]["class"] == "light"


def test_another_process_evaluates_to_the_same_probabilities(imgclass_started_quickly, trained):
    kept = Path(trained["run_dir"]) / "predictions.csv"
    before = kept.read_text()
    assert imgclass_started_quickly("evaluate", trained["run_dir"])["test"] == trained["test"]
    assert kept.read_text() == before


def test_verbs_that_read_the_run(imgclass, trained):
    run = Path(trained["run_dir"])
    findings = imgclass("diagnose", run, "--json")["findings"]
    assert [f["name"] for f in findings] == [f["name"] for f in trained["findings"]]
    (run / "report.html").unlink()
    assert imgclass("report", run).strip() == str(run / "report.html")
    assert (run / "report.html").read_text().startswith("<!DOCTYPE html>")
    [listed] = imgclass("runs", run.parent, "--json")["runs"]
    assert (listed["name"], listed["val_accuracy"]) == ("cnn", trained["val"]["accuracy"])
