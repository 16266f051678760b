"""The loop, with trainings that are made up: what is tried, kept, and gone on with."""

from dataclasses import replace

import pytest

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.diagnosis.experience import known_experience
from imgclass.errors import InterruptedRunError, RunError, TrainingError, UsageError
from imgclass.experiment import Experiment
from imgclass.improvement import Improvement, improve
from imgclass.improvement.lineage import read_lineage
from imgclass.improvement.training import Here, Training
from imgclass.run import Run
from imgclass.training.config import TrainingConfig

START = Experiment("cnn", training=TrainingConfig(epochs=4, optimizer="sgd", learning_rate=0.1))


class Trainings:
    """Makes runs by hand: more epochs get more of the val images right."""

    def __init__(self, made_run, keep_run, scored, advised):
        self.made_run, self.keep_run = made_run, keep_run
        self.scored, self.advised = scored, advised
        self.right = lambda experiment: 200 + 5 * experiment.training.epochs
        self.advice = lambda _: ()
        self.failures, self.made, self.seconds = {}, [], 2.0

    def epochs(self, experiment):
        n = experiment.training.epochs
        return (replace(self.made_run.history.epochs[0], seconds=self.seconds / n),) * n

    def __call__(self, training, folder, *, diagnoser, progress):
        del diagnoser, progress
        path, experiment = training.path, training.experiment
        if path.exists():
            return Run.load(path)
        self.made.append(path.name)
        if path.name in self.failures:
            raise self.failures.pop(path.name)
        experiment = replace(
            experiment, spec=replace(experiment.spec, image_size=(8, 8), depth=2, width=8)
        )
        record = replace(
            self.made_run.record, id=path.name, data=str(folder.root), seconds=self.seconds
        )
        run = replace(
            self.made_run,
            path=path,
            record=record,
            experiment=experiment,
            history=replace(self.made_run.history, epochs=self.epochs(experiment)),
        )
        run = self.scored(run, self.right(experiment))
        self.keep_run(self.advised(run, *self.advice(run)))
        return Run.load(path)


@pytest.fixture
def made_by_hand(made_run, keep_run, scored, advised):
    return Trainings(made_run, keep_run, scored, advised)


@pytest.fixture
def trainings(made_by_hand, data, monkeypatch):
    made = made_by_hand
    monkeypatch.setattr("imgclass.improvement.training.trained", made)
    monkeypatch.setattr(
        "imgclass.improvement.step_plan.usual_experiment", lambda experiment, _: experiment
    )
    monkeypatch.setattr("imgclass.improvement.folder.open_data", lambda *_: data)
    # Most of the time is drawing, and no test here looks at a picture.
    monkeypatch.setattr("imgclass.report.charts._png", lambda *_: "data:image/png;base64,AA==")
    return made


@pytest.fixture
def data(tmp_path, made_run):
    (tmp_path / "digits").mkdir()
    return ImageFolder(tmp_path / "digits", made_run.manifest)


@pytest.fixture
def twice(longer):
    """Recommend twice the epochs."""
    return lambda run: (longer(run, 2 * run.experiment.training.epochs),)


def begun(data, tmp_path, **options):
    return improve(data, START, out=tmp_path / "out", progress=False, **options)


def verdicts(made):
    return [step.verdict for step in made.steps]


def test_a_change_that_surely_helps_is_kept_and_the_next_starts_from_it(
    trainings, data, tmp_path, twice
):
    trainings.advice = twice
    made = begun(data, tmp_path, rounds=2)
    assert verdicts(made) == ["start", "kept", "kept"]
    assert [step.parent for step in made.steps] == ["", "00", "01"]
    assert made.best.experiment.training.epochs == 16
    assert made.lineage.ended == "2 changes were tried."


def test_the_report_of_a_step_lists_the_runs_that_led_to_it(trainings, data, tmp_path, twice):
    trainings.advice = twice
    made = begun(data, tmp_path, rounds=2)
    first, _, last = (
        (tmp_path / "out" / step.run / "report.html")
        .read_text(encoding="utf-8")
        .partition('id="lineage"')[2]
        .partition("</table>")[0]
        for step in made.steps
    )
    assert "start" in first
    assert "kept" not in first
    assert all(word in last for word in ("start", "epochs 4 to 8", "epochs 8 to 16", "kept"))


def test_a_change_that_may_be_luck_is_rejected_and_the_next_idea_is_tried(
    trainings, data, tmp_path, longer
):
    trainings.advice = lambda run: (longer(run, 5), longer(run, 40))
    made = begun(data, tmp_path, rounds=2)
    assert verdicts(made) == ["start", "rejected", "kept"]
    assert [step.parent for step in made.steps] == ["", "00", "00"]
    assert made.steps[1].observed.p_value > 0.05


def test_it_ends_when_every_idea_was_tried(trainings, data, tmp_path, longer):
    trainings.advice = lambda run: (longer(run, 5),)
    made = begun(data, tmp_path)
    assert verdicts(made) == ["start", "rejected"]
    assert made.lineage.ended == "nothing is left that is worth trying."


def test_it_ends_at_the_target(trainings, data, tmp_path, twice):
    trainings.advice = twice
    trainings.right = lambda _: 399
    made = begun(data, tmp_path, target_accuracy=0.9)
    assert verdicts(made) == ["start"]
    assert made.lineage.ended == "val reached the target of 0.9."


def test_without_time_nothing_is_tried(trainings, data, tmp_path, twice):
    trainings.advice = twice
    made = begun(data, tmp_path, budget=1.0)
    assert verdicts(made) == ["start"]
    assert made.lineage.ended == "the time of 1.0 s is used up."


def test_what_fails_is_noted_and_the_next_idea_is_tried(trainings, data, tmp_path, longer):
    trainings.advice = lambda run: (longer(run, 5), longer(run, 40))
    trainings.failures["01"] = TrainingError("The loss was NaN.")
    made = begun(data, tmp_path, rounds=2)
    assert verdicts(made) == ["start", "failed", "kept"]
    assert made.steps[1].note == "The loss was NaN."


def test_after_ctrl_c_it_goes_on_where_it_was(trainings, data, tmp_path, twice):
    trainings.advice = twice
    trainings.failures["02"] = InterruptedRunError("Stopped by Ctrl-C.")
    with pytest.raises(InterruptedRunError) as caught:
        begun(data, tmp_path, rounds=3)
    assert f"imgclass improve {tmp_path / 'out'}" in caught.value.__notes__[-1]
    assert read_lineage(tmp_path / "out").open.run == "02"
    made = improve(tmp_path / "out", rounds=3, progress=False)
    assert verdicts(made) == ["start", "kept", "kept", "kept"]
    assert trainings.made == ["00", "01", "02", "02", "03"]


def test_with_more_time_it_goes_on(trainings, data, tmp_path, twice):
    trainings.advice = twice
    begun(data, tmp_path, rounds=1)
    made = improve(tmp_path / "out", rounds=2, progress=False)
    assert verdicts(made) == ["start", "kept", "kept"]


def test_a_finished_run_is_the_start_and_stays_where_it_is(trainings, data, tmp_path, twice):
    trainings.advice = twice
    mine = Training(tmp_path / "mine", START, None, ends=0.0)
    run = trainings(mine, data, diagnoser=None, progress=False)
    made = improve(tmp_path / "mine", out=tmp_path / "out", rounds=1, progress=False)
    assert made.steps[0].run == str(run.path)
    assert verdicts(made) == ["start", "kept"]
    assert made.steps[1].parent == str(run.path)


def test_short_fits_choose_what_is_carried_out(trainings, data, tmp_path, longer, deeper):
    trainings.seconds = 60.0
    trainings.advice = lambda run: (deeper(run, 4), longer(run, 40))
    told = []
    made = begun(data, tmp_path, rounds=1, tell=told.append)
    assert trainings.made == ["00", "01-short-1", "01-short-2", "01"]
    assert made.steps[1].changes == ("epochs 4 to 40",)
    assert [idea.short_accuracy for idea in made.steps[1].ideas] == [250 / 400, 205 / 400]


def test_an_idea_is_tried_shortly_once(trainings, data, tmp_path, longer, deeper):
    trainings.seconds = 60.0
    trainings.advice = lambda run: (longer(run, 5), deeper(run, 4), deeper(run, 3))
    made = begun(data, tmp_path, rounds=2)
    assert trainings.made == ["00", "01-short-1", "01-short-2", "01-short-3", "01", "02"]
    assert verdicts(made) == ["start", "rejected", "rejected"]
    assert [idea.short_run for idea in made.steps[2].ideas] == ["01-short-2", "01-short-3"]


def test_an_idea_whose_short_fit_fails_is_dropped(trainings, data, tmp_path, longer, deeper):
    trainings.seconds = 60.0
    trainings.advice = lambda run: (deeper(run, 4), longer(run, 40))
    trainings.failures["01-short-1"] = TrainingError("The loss was NaN.")
    made = begun(data, tmp_path, rounds=1)
    assert [idea.recommendation.changes for idea in made.steps[1].ideas] == [("epochs 4 to 40",)]


def test_on_a_cluster_the_short_fits_are_made_at_the_same_time(
    trainings, data, tmp_path, longer, monkeypatch
):
    asked = []

    class Parallel(Here):
        at_once = 3

        def __call__(self, trainings):
            asked.append([training.path.name for training in trainings])
            return super().__call__(trainings)

    monkeypatch.setattr("imgclass.improvement.trainers.Here", Parallel)
    trainings.seconds = 60.0
    trainings.advice = lambda run: (longer(run, 5), longer(run, 20), longer(run, 40))
    trainings.failures["01-short-2"] = TrainingError("The loss was NaN.")
    made = begun(data, tmp_path, rounds=1)
    assert asked == [["00"], ["01-short-1", "01-short-2", "01-short-3"], ["01"]]
    assert [idea.short_run for idea in made.steps[1].ideas] == ["01-short-3", "01-short-1"]


@pytest.fixture(params=[1, 3])
def places(request, monkeypatch):
    """So many trainings are made at the same time."""
    monkeypatch.setattr("imgclass.improvement.trainers.Here.at_once", request.param)
    return request.param


def test_short_fits_are_worth_while_if_they_fit_the_time_side_by_side(
    trainings, data, tmp_path, longer, places
):
    trainings.seconds = 60.0
    trainings.advice = lambda run: (longer(run, 8), longer(run, 20), longer(run, 40))
    begun(data, tmp_path, rounds=1, budget=820)
    assert sum("short" in name for name in trainings.made) == (3 if places == 3 else 0)


def test_a_folder_that_exists_is_not_written_to(data, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(RunError, match=r"Expected a new folder; .*out exists"):
        begun(data, tmp_path)
    assert not list((tmp_path / "out").iterdir())


def test_an_improvement_has_its_own_experiment_and_target(trainings, data, tmp_path, twice):
    trainings.advice = twice
    begun(data, tmp_path, rounds=1)
    with pytest.raises(UsageError, match="Expected no experiment beside"):
        improve(tmp_path / "out", START)
    with pytest.raises(UsageError, match=r"Expected the target accuracy 0\.95"):
        improve(tmp_path / "out", target_accuracy=0.9)


def test_it_is_a_table_of_its_steps(trainings, data, tmp_path, twice):
    trainings.advice = twice
    made = begun(data, tmp_path, rounds=1)
    frame = Improvement.load(tmp_path / "out").to_frame()
    assert list(frame.index) == ["00", "01"]
    assert frame.loc["01", "changes"] == "epochs 4 to 8"
    assert frame.loc["01", "verdict"] == "kept"
    assert repr(made).startswith("<Improvement out: 1 change tried, val 60.0")


def test_what_a_change_brought_is_added_to_ones_own_experience(
    trainings, data, tmp_path, longer, monkeypatch
):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    trainings.advice = lambda run: (replace(longer(run, 40), lever="train_longer"),)
    begun(data, tmp_path, rounds=1)
    (row,) = known_experience()[-1:]
    assert (row.lever, row.better, row.worse, row.n) == ("train_longer", 180, 0, 400)


def test_a_home_that_cannot_be_written_to_ends_nothing(
    trainings, data, tmp_path, longer, monkeypatch
):
    (tmp_path / "home").write_text("a file")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    trainings.advice = lambda run: (replace(longer(run, 40), lever="train_longer"),)
    assert verdicts(begun(data, tmp_path, rounds=1)) == ["start", "kept"]
