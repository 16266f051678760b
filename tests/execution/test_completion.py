"""A run of a tree without splits keeps the split that it was trained on."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from imgclass import Experiment, ImageFolder, ModelSpec, Run, TrainingConfig, run_experiment
from imgclass.data.dataset import shares
from imgclass.errors import DatasetError
from imgclass.execution import evaluate_run, resume_run
from imgclass.execution.completion import open_data

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("no_other_process")]

EXPERIMENT = Experiment(
    spec=ModelSpec(depth=1, width=4, image_size=(8, 8)),
    # At this rate one epoch is enough: what learns nothing is tried on a small sample, too.
    training=TrainingConfig(
        epochs=1, batch_size=8, precision="float32", optimizer="sgd", learning_rate=0.1
    ),
)


def write(folder, count):
    rng = np.random.default_rng(count)
    folder.mkdir(parents=True)
    for i in range(count):
        pixels = rng.integers(0, 60, (8, 8, 3)) + 150 * (folder.name == "light")
        Image.fromarray(pixels.astype("uint8")).save(folder / f"{i}.png")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run, made once, that was trained on a tree without splits."""
    home = tmp_path_factory.mktemp("made")
    write(home / "photos" / "dark", 12)
    write(home / "photos" / "light", 13)
    return run_experiment(home / "photos", EXPERIMENT, run_dir=home / "run", progress=False)


@pytest.fixture
def run(made, tmp_path):
    """A copy of the run; its tree is `made.data`."""
    return Run.load(shutil.copytree(made.path, tmp_path / "run"))


def test_another_rule_of_splitting_moves_no_image_of_a_run(run, monkeypatch):
    monkeypatch.setattr(shares, "SHARE", 0.4)
    monkeypatch.setattr(shares, "LARGEST_SHARE", 0.4)
    assert ImageFolder.open(run.data).manifest != run.manifest
    assert evaluate_run(run.path).manifest == run.manifest
    training = replace(run.experiment.training, epochs=2)
    more = resume_run(run.path, replace(run.experiment, training=training), progress=False)
    assert more.manifest == run.manifest
    assert [score.n for score in more.evaluation.scores.values()] == [15, 5, 5]


def test_a_run_finds_its_split_again_where_the_tree_was_moved(run, tmp_path):
    moved = shutil.copytree(run.data, tmp_path / "moved")
    assert open_data(run, moved).manifest == run.manifest


def test_images_that_were_added_and_removed_are_named(run, tmp_path):
    moved = shutil.copytree(run.data, tmp_path / "moved")
    (moved / "light" / "0.png").rename(moved / "light" / "new.png")
    with pytest.raises(DatasetError, match=r"1 image new \('light/new.png'\); 1 image gone") as c:
        evaluate_run(run.path, data=moved)
    assert str(run.path) in str(c.value)


def test_a_tree_without_test_is_scored_on_train_and_val(tmp_path):
    for split in ("train", "val"):
        write(tmp_path / "data" / split / "dark", 6)
        write(tmp_path / "data" / split / "light", 7)
    run = run_experiment(tmp_path / "data", EXPERIMENT, run_dir=tmp_path / "run", progress=False)
    assert list(run.evaluation.scores) == ["train", "val"]
    assert run.diagnosis.findings
