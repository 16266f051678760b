"""Several experiments, with trainings that are made up."""

from dataclasses import replace

import pytest

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.errors import (
    InterruptedRunError,
    MachineError,
    TrainingError,
    UnsafeError,
    UsageError,
)
from imgclass.experiment import Experiment
from imgclass.improvement import run_experiments
from imgclass.improvement.folder import held
from imgclass.models.spec import ModelSpec

STUDY = {
    "shallow": Experiment(spec=ModelSpec(depth=1)),
    "deep": Experiment(spec=ModelSpec(depth=4)),
}


@pytest.fixture
def folder(tmp_path, made_run):
    (tmp_path / "data").mkdir()
    return ImageFolder(tmp_path / "data", made_run.manifest)


@pytest.fixture
def made(made_run, monkeypatch):
    """Every training is a run at once; those in `failures` raise. It lists what was trained."""

    def trained(training, *_, **__):
        name = training.path.name
        made.append(name)
        if name in failures:
            raise failures[name]
        return replace(made_run, path=training.path, experiment=training.experiment)

    made, failures = [], {}
    monkeypatch.setattr("imgclass.improvement.training.trained", trained)
    return made, failures


@pytest.mark.usefixtures("made")
def test_each_experiment_is_a_run_of_its_name(folder, tmp_path):
    runs = run_experiments(folder, STUDY, out=tmp_path / "out")
    assert list(runs) == ["shallow", "deep"]
    assert [run.path for run in runs.values()] == [tmp_path / "out" / name for name in STUDY]
    assert [run.experiment for run in runs.values()] == list(STUDY.values())


def test_one_that_fails_keeps_no_other_from_training_and_is_named(made, folder, tmp_path):
    trained, failures = made
    failures["shallow"] = TrainingError("The loss was NaN.")
    with pytest.raises(TrainingError, match="1 of 2 experiments failed") as caught:
        run_experiments(folder, STUDY, out=tmp_path / "out")
    assert "shallow: The loss was NaN." in str(caught.value)
    assert str(tmp_path / "out") in str(caught.value)
    assert trained == ["shallow", "deep"]


def test_ctrl_c_ends_all_of_it_and_says_how_it_goes_on(made, folder, tmp_path):
    trained, failures = made
    failures["shallow"] = InterruptedRunError("Stopped by Ctrl-C.")
    with pytest.raises(InterruptedRunError) as caught:
        run_experiments(folder, STUDY, out=tmp_path / "out")
    assert caught.value.__notes__[-1] == "The same call goes on where this one was."
    assert trained == ["shallow"]


def test_two_calls_at_the_same_time_in_one_folder_are_refused(made, folder, tmp_path):
    (tmp_path / "out").mkdir()
    with held(tmp_path / "out"), pytest.raises(UnsafeError):
        run_experiments(folder, STUDY, out=tmp_path / "out")
    assert made[0] == []


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/a", ".hidden"])
def test_a_name_that_is_no_directory_is_refused_before_anything_is_made(folder, tmp_path, name):
    with pytest.raises(UsageError, match="Expected names of directories"):
        run_experiments(folder, {name: Experiment()}, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_an_error_of_the_machine(folder, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match="file"):
        run_experiments(folder, STUDY, out=tmp_path / "file" / "out")
