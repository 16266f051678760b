"""A search trains ordinary runs, which the same call finds again."""

import csv
import random
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from imgclass import DatasetOrganizer, Experiment, ModelSpec, Run, TrainingConfig
from imgclass.data.digits import write_digits
from imgclass.errors import RunError, UnsafeError, UsageError
from imgclass.execution import once
from imgclass.io.lock import held_lock
from imgclass.label_errors import find_label_errors
from imgclass.label_errors.folder import PAGE, RECORD, TABLE
from imgclass.run.directory import FILES, LOCK
from imgclass.serialization import dump_json

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("quick_module")]

# Learns digits in seconds: a small network, at a given rate.
QUICK = Experiment(
    "cnn",
    spec=ModelSpec(depth=2, width=16),
    training=TrainingConfig(epochs=4, batch_size=32, optimizer="sgd", learning_rate=0.1),
    augmentation="none",
)
CHANGED = 0.05


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """The embedded digits with one label of twenty changed, and what these were, by source."""
    root = tmp_path_factory.mktemp("digits")
    labels, images = write_digits(root / "source")
    with labels.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    draw, before = random.Random(0), {}
    for row in rows:
        if draw.random() < CHANGED:
            before[f"{row[0]}.png"] = row[1]
            row[1] = draw.choice([digit for digit in "0123456789" if digit != row[1]])
    with labels.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return DatasetOrganizer().organize(labels, images, root / "data"), before


@pytest.fixture(scope="module")
def found(digits, tmp_path_factory):
    """What a search in two folds finds, made once."""
    out = tmp_path_factory.mktemp("search") / "digits"
    return find_label_errors(digits[0], QUICK, folds=2, out=out, progress=False)


@pytest.fixture
def copied(found, tmp_path):
    """A copy of the folder of `found`."""
    return shutil.copytree(found.path, tmp_path / "digits")


@pytest.fixture
def no_training(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("nothing should be trained")

    monkeypatch.setattr(once, "run_experiment", refuse)
    monkeypatch.setattr(once, "finish", refuse)


def test_most_labels_that_were_changed_are_found_and_few_others(found, digits):
    data, before = digits
    sources = {sample.path: sample.source for sample in data.manifest.samples}
    listed = [sources[error.path] for error in found.errors]
    hits = [source for source in listed if source in before]
    assert len(hits) > 0.65 * len(before)
    assert len(hits) > 0.9 * len(listed)
    right = [e for e in found.errors if before.get(sources[e.path]) == e.suggested]
    assert len(right) > 0.95 * len(hits)


def test_images_of_every_split_are_judged(found, digits):
    assert found.score.n == len(digits[0].manifest.samples)
    assert {error.split for error in found.errors} == {"train", "val", "test"}


def test_the_table_and_the_page_have_what_was_found(found):
    table = pd.read_csv(found.path / TABLE, dtype={"label": str, "suggested": str})
    pd.testing.assert_frame_equal(table, found.to_frame(), check_dtype=False)
    page = (found.path / PAGE).read_text(encoding="utf-8")
    assert f"{len(found.errors)} images to look at" in page
    assert page.count("<img") == min(120, len(found.errors))
    assert repr(found).startswith(f"<LabelErrors: {len(found.errors)} images of 1,797")


def test_every_fold_is_a_run(found):
    runs = [Run.load(found.path / f"fold-{fold}") for fold in (1, 2)]
    assert [run.status for run in runs] == ["finished"] * 2
    assert sum(run.evaluation.val.n for run in runs) == found.score.n
    assert sum(run.evaluation.val.correct for run in runs) == found.score.correct


@pytest.mark.usefixtures("no_training")
def test_the_same_call_finds_what_is_finished(found, copied, digits):
    again = find_label_errors(digits[0], QUICK, folds=2, out=copied, progress=False)
    assert again.errors == found.errors


def test_a_fold_that_was_cut_off_is_trained_again(found, copied, digits, monkeypatch):
    directory = copied / "fold-2"
    record = replace(Run.load(directory).record, status="interrupted", stage="training")
    FILES.write_whole(str(directory / "run.json"), dump_json(record).encode())
    shutil.rmtree(directory / "checkpoints")  # it was killed before the first of them
    trained = []

    def train(part, experiment, *, run_dir, progress, **_):
        assert not run_dir.exists()
        trained.append((part.counts, experiment, progress))
        shutil.copytree(found.path / "fold-2", run_dir)
        return Run.load(run_dir)

    monkeypatch.setattr(once, "run_experiment", train)
    again = find_label_errors(digits[0], QUICK, folds=2, out=copied, progress=False)
    assert again.errors == found.errors
    assert [experiment for _, experiment, _ in trained] == [QUICK]


def test_an_error_says_what_is_kept(copied, digits, monkeypatch):
    shutil.rmtree(copied / "fold-2")

    def fail(*_, **__):
        raise RunError("no")

    monkeypatch.setattr(once, "run_experiment", fail)
    with pytest.raises(RunError) as caught:
        find_label_errors(digits[0], QUICK, folds=2, out=copied, progress=False)
    assert "1 of 2 folds" in caught.value.__notes__[0]


@pytest.mark.usefixtures("no_training")
def test_a_folder_of_another_search_is_refused(copied, digits, tmp_path):
    with pytest.raises(UsageError, match="of other images, folds or settings"):
        find_label_errors(digits[0], QUICK, folds=3, out=copied, progress=False)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").touch()
    with pytest.raises(UsageError, match="has other files"):
        find_label_errors(digits[0], QUICK, out=tmp_path / "full", progress=False)
    (copied / RECORD).write_text("{")
    with pytest.raises(RunError, match="record of a search"):
        find_label_errors(digits[0], QUICK, folds=2, out=copied, progress=False)


@pytest.mark.usefixtures("no_training")
def test_a_fold_of_other_images_is_refused(copied, digits):
    shutil.rmtree(copied / "fold-2")
    shutil.copytree(copied / "fold-1", copied / "fold-2")
    with pytest.raises(RunError, match="it is of others"):
        find_label_errors(digits[0], QUICK, folds=2, out=copied, progress=False)


@pytest.mark.usefixtures("no_training")
def test_a_fold_that_another_process_trains_is_left_alone(copied, digits):
    lock = held_lock(str(copied / "fold-2" / LOCK), files=FILES)
    with lock, pytest.raises(UnsafeError, match="Another process"):
        find_label_errors(digits[0], QUICK, folds=2, out=copied, progress=False)


@pytest.mark.usefixtures("no_training")
def test_a_run_gives_its_data_and_its_settings(found, copied, digits, monkeypatch):
    asked = []

    def trained(path, _, experiment, **__):
        asked.append(experiment)
        return Run.load(found.path / path.name)

    monkeypatch.setattr("imgclass.label_errors.search.run_once", trained)
    shutil.copytree(found.path / "fold-1", copied.parent / "mine")
    run = Run.load(copied.parent / "mine")
    whole = replace(run, manifest=digits[0].manifest)
    monkeypatch.setattr("imgclass.label_errors.search.open_data", lambda *_: digits[0])
    again = find_label_errors(whole, folds=2, out=copied.parent / "new", progress=False)
    assert np.equal(again.score.confusion, found.score.confusion).all()
    assert asked == [run.experiment] * 2
