"""The verb `label-errors`: the table, the JSON, and what it asks for."""

import pytest

from imgclass.evaluation import Score
from imgclass.label_errors import LabelError, LabelErrors


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What the verb asks for, of a search that trains nothing."""
    given = {}

    def search(data, experiment, **options):
        given.update(options, data=data, experiment=experiment)
        errors = tuple(
            LabelError(f"train/cat/{i}.png", "train", "cat", "dog", 0.98, 0.01) for i in range(12)
        )
        score = Score(("cat", "dog"), ((180, 20), (5, 195)), 0.2)
        return LabelErrors(tmp_path / "data", errors, score, tmp_path / "found")

    monkeypatch.setattr("imgclass.label_errors.find_label_errors", search)
    return given


def test_it_prints_the_surest_and_where_all_are(imgclass, asked, folder):
    done = imgclass("label-errors", folder)
    assert done.code == 0
    assert (asked["folds"], asked["seed"], asked["out"]) == (4, 0, None)
    assert "12 labels of 400 (3.0 %) in doubt" in done.out
    assert "train/cat/0.png  cat    1.0 %  dog      98.0 %" in done.out
    assert "2 more are in the table" in done.out
    assert "label_errors.csv" in done.out


def test_options_make_the_experiment_and_the_folds(imgclass, asked, folder):
    words = ("--folds", 3, "--fold-seed", 7, "--epochs", 5, "--depth", 2)
    assert imgclass("label-errors", folder, *words).code == 0
    assert (asked["folds"], asked["seed"]) == (3, 7)
    assert asked["experiment"].training.epochs == 5
    assert asked["experiment"].spec.depth == 2


def test_of_a_run_its_settings_are_taken(imgclass, asked, small_run, keep_run):
    keep_run(small_run)
    assert imgclass("label-errors", small_run.path, "--epochs", 5).code == 0
    assert asked["experiment"].training.epochs == 5
    assert asked["experiment"].spec == small_run.experiment.spec


@pytest.mark.usefixtures("asked")
def test_the_json_has_every_image(imgclass, folder):
    said = imgclass("label-errors", folder, "--json").json
    assert said["images"] == 400
    assert len(said["errors"]) == 12
    assert said["errors"][0] == {
        "path": "train/cat/0.png",
        "split": "train",
        "label": "cat",
        "suggested": "dog",
        "probability": 0.98,
        "label_probability": 0.01,
    }
