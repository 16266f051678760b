from dataclasses import replace

import pytest

from imgclass import Experiment, ModelSpec, TrainingConfig, architectures, run_experiment
from imgclass.execution.learning_rate import with_rate_to_find
from imgclass.flows import PRESETS
from imgclass.report import render_html

QUICK = Experiment(
    architecture="cnn",
    spec=ModelSpec(depth=1, width=4),
    training=TrainingConfig(epochs=1, precision="float32"),
    augmentation=PRESETS["none"],
)


@pytest.fixture(scope="module")
def silent():
    """An architecture that says nothing about itself."""
    architectures.register("silent", lambda *_: None)
    return "silent"


@pytest.mark.parametrize("training", [{}, {"optimizer": "sgd"}])
def test_a_rate_is_sought_where_the_architecture_says_nothing(silent, training):
    asked = Experiment(architecture=silent, training=TrainingConfig(**training))
    assert with_rate_to_find(asked).training == replace(asked.training, find_rate=True)


@pytest.mark.parametrize(
    "training", [{"learning_rate": 0.1}, {"find_rate": False}, {"find_rate": True}]
)
def test_what_the_user_says_of_the_rate_holds(silent, training):
    asked = Experiment(architecture=silent, training=TrainingConfig(**training))
    assert with_rate_to_find(asked) == asked


@pytest.mark.keras
@pytest.mark.parametrize("name", ["auto", "cnn"])
def test_no_rate_is_sought_for_an_architecture_that_says_how_it_is_trained(name):
    asked = Experiment(architecture=name)
    assert with_rate_to_find(asked) == asked


@pytest.mark.keras
def test_an_optimizer_object_keeps_its_rate(silent):
    import keras

    asked = Experiment(
        architecture=silent, training=TrainingConfig(optimizer=keras.optimizers.SGD(0.1))
    )
    assert with_rate_to_find(asked) == asked


@pytest.mark.keras
@pytest.mark.usefixtures("no_other_process")
def test_a_run_finds_its_rate_and_is_then_the_run_that_is_given_it(folder, monkeypatch, capsys):
    monkeypatch.setattr("imgclass.training.rate_finder.STEPS", 8)

    def run(name, **changes):
        training = replace(QUICK.training, **changes)
        experiment = replace(QUICK, training=training)
        return run_experiment(folder, experiment, run_dir=folder.parent / name, progress=True)

    found = run("found", find_rate=True)
    rate = found.experiment.training.learning_rate
    sentence = f"Learning rate {rate:g}: a tenth of that at which the loss was lowest in "
    assert found.record.choices[-1].startswith(sentence)
    assert sentence in capsys.readouterr().err
    assert (found.path / "learning_rate.png").read_bytes().startswith(b"\x89PNG")
    assert "Learning rate</h3>" in render_html(found)
    given = run("given", learning_rate=rate)
    assert given.experiment == found.experiment
    assert given.evaluation.val == found.evaluation.val
    assert "Learning rate</h3>" not in render_html(given)
