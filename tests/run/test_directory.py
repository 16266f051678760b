import os
from dataclasses import replace
from pathlib import Path

import pytest

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.entry_points import Origin
from imgclass.errors import MachineError
from imgclass.experiment import Experiment
from imgclass.io.fs import FileSystem
from imgclass.io.lock import is_held
from imgclass.run import Run, loader
from imgclass.run import directory as run_directory
from imgclass.run.claim import claimed, reopened
from imgclass.run.directory import LOCK, RunDirectory

ORIGIN = Origin("imgclass-keras", "0.2.0", "imgclass.models.cnn:cnn")


@pytest.fixture
def claim(folder, tmp_path):
    """Claim a run directory for a training of the folder."""

    def claim():
        return claimed(
            tmp_path / "run",
            experiment=Experiment(),
            folder=ImageFolder.open(folder),
            origin=ORIGIN,
        )

    return claim


@pytest.fixture
def removed_while_held(monkeypatch):
    """For each lock file that is removed, whether it was held at that moment."""
    held = []
    unlink = Path.unlink

    def noted(path, **options):
        if path.name == LOCK:
            held.append(is_held(str(path)))
        unlink(path, **options)

    monkeypatch.setattr(Path, "unlink", noted)
    return held


def fail_at_replacing(name):
    """Return what makes calls, of which those fail that put a file of a name in its place."""

    def call(function, *arguments):
        if function is os.replace and Path(arguments[1]).name == name:
            raise OSError(28, "No space left on device")
        return function(*arguments)

    return FileSystem(call=call)


def test_a_directory_counts_as_a_run_only_once_the_run_can_be_loaded(claim, monkeypatch):
    written = []

    def call(function, *arguments):
        if function is os.replace:
            written.append(Path(arguments[1]).name)
        return function(*arguments)

    monkeypatch.setattr(run_directory, "FILES", FileSystem(call=call))
    with claim() as directory:
        assert written == ["experiment.json", "manifest.csv", "run.json"]
        assert Run.load(directory.path).status == "running"


def test_a_lock_is_removed_while_it_is_held_so_that_it_is_never_anothers(claim, removed_while_held):
    with claim() as directory:
        (directory.path / "model.keras").write_bytes(b"no model")
    with reopened(directory.path, directory.record, ()):
        pass
    assert removed_while_held == [True, True]
    assert not (directory.path / LOCK).exists()


def test_a_training_that_fails_removes_no_lock_of_the_next_at_its_place(claim, removed_while_held):
    with pytest.raises(ValueError, match="mine"), claim() as directory:
        raise ValueError("mine")
    assert removed_while_held == [True]
    assert not directory.path.exists()


def test_an_end_that_cannot_be_written_is_none(small_run, keep_run, monkeypatch):
    record = replace(small_run.record, status="running", stage="diagnosing")
    directory = RunDirectory(keep_run(replace(small_run, record=record)), record)
    with monkeypatch.context() as full:
        full.setattr(run_directory, "FILES", fail_at_replacing("run.json"))
        with pytest.raises(MachineError, match="No space left"):
            directory.end("finished")
    directory.end("failed", "The disk was full.")
    known = Run.load(small_run.path).record
    assert (known.status, known.stage) == ("failed", "diagnosing")


def test_a_run_that_ends_while_it_is_looked_at_is_not_called_interrupted(
    small_run, keep_run, monkeypatch
):
    record = replace(small_run.record, status="running", stage="diagnosing")
    directory = RunDirectory(keep_run(replace(small_run, record=record)), record)

    def ends_just_now(_):
        directory.end("finished")
        return False

    monkeypatch.setattr(loader, "is_held", ends_just_now)
    assert Run.load(small_run.path).status == "finished"
