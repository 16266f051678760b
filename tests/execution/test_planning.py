from dataclasses import replace

import pytest

from imgclass import Experiment, ModelSpec, TrainingConfig, resume_run, run_experiment
from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.errors import UsageError
from imgclass.execution.budget import Budget
from imgclass.execution.planning import plan_run
from imgclass.execution.price import Costs
from imgclass.flows import PRESETS
from imgclass.formatting import count
from imgclass.training.speed import Speed

QUICK = Experiment(
    architecture="cnn",
    spec=ModelSpec(depth=1, width=4),
    training=TrainingConfig(precision="float32"),
    augmentation=PRESETS["none"],
)
SPEED = Speed(frozen=0.0, step=0.25, scoring=0.0, start=1.0)
COSTS = Costs(building=1.0, decoding=0.0, pixels=64, speeds=(SPEED,), views=4)
# For 24 train images an epoch takes 6.5 s; all else takes 11 s.


@pytest.fixture(autouse=True)
def _as_measured(monkeypatch):
    monkeypatch.setattr("imgclass.execution.planning.measure_costs", lambda *_, **__: COSTS)


@pytest.fixture
def spent(monkeypatch):
    """Stop the clock of budgets when some seconds have passed."""

    def stop(seconds):
        monkeypatch.setattr(Budget, "left", property(lambda budget: budget.seconds - seconds))

    return stop


@pytest.mark.keras
@pytest.mark.parametrize(("seconds", "epochs"), [(0, 7), (20, 4), (44, 1)])
def test_the_epochs_fill_the_time_that_is_left(folder, spent, seconds, epochs):
    spent(seconds)
    plan = plan_run(ImageFolder.open(folder), QUICK, Budget(60))
    assert plan.experiment.training.epochs == epochs
    text = f"For a budget of 1 min 0 s: {count(epochs, 'epoch')}, at 8 x 8 pixels"
    assert plan.sentences[0].startswith(text)


@pytest.mark.keras
def test_the_steps_end_where_the_rest_of_the_command_begins(folder):
    budget = Budget(60)
    plan = plan_run(ImageFolder.open(folder), QUICK, budget)
    assert budget.ends - plan.deadline.at == pytest.approx(5.004)


@pytest.mark.keras
def test_a_budget_that_is_too_small_is_an_error_that_says_what_would_do(folder, spent):
    spent(0)
    with pytest.raises(UsageError, match=r"at least about 15 s .* received 10 s"):
        plan_run(ImageFolder.open(folder), QUICK, Budget(10))


def test_a_budget_beside_epochs_is_an_error_that_names_both(folder):
    experiment = Experiment(training=TrainingConfig(epochs=3))
    with pytest.raises(UsageError, match=r"--budget.*--epochs.*epochs=3"):
        run_experiment(folder, experiment, budget=60)


@pytest.mark.keras
@pytest.mark.usefixtures("no_other_process")
def test_a_run_keeps_its_budget_and_what_was_chosen(folder, spent, capsys):
    spent(0)
    made = run_experiment(folder, QUICK, budget=30, run_dir=folder.parent / "run")
    assert made.record.budget == 30
    assert made.experiment.training.epochs == len(made.history.epochs) == 2
    assert made.record.choices[-1].startswith("For a budget of 30.0 s: 2 epochs, at 8 x 8 pixels")
    assert made.record.choices[-1] in capsys.readouterr().err


@pytest.mark.keras
@pytest.mark.usefixtures("no_other_process")
def test_a_run_within_a_budget_can_be_given_more_epochs_later(folder, spent):
    spent(0)
    made = run_experiment(folder, QUICK, budget=30, run_dir=folder.parent / "run", progress=False)
    training = replace(made.experiment.training, epochs=3)
    again = resume_run(made, replace(made.experiment, training=training), progress=False)
    assert len(again.history.epochs) == 3
