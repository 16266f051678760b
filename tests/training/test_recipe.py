import keras
import numpy as np
import pytest

from imgclass import Trainer, TrainingConfig
from imgclass.models.spec import OPTIMIZERS
from imgclass.training.names import LOSSES, METRICS
from imgclass.training.recipe import (
    at_rate,
    fine_tuning_rate,
    make_loss,
    make_metrics,
    make_metrics_variables,
    make_optimizer,
    make_schedule,
)

pytestmark = pytest.mark.keras


def test_one_cycle_climbs_to_the_peak_and_falls_to_zero():
    schedule = make_schedule(TrainingConfig(learning_rate=0.2), total_steps=100)
    rates = [float(schedule(step)) for step in range(101)]
    assert rates[0] == pytest.approx(0.2 / 21)
    assert max(rates) == pytest.approx(0.2)
    assert rates.index(max(rates)) == 20
    assert rates[100] == pytest.approx(0, abs=1e-6)


def test_cosine_climbs_for_a_twentieth_of_the_steps_and_falls_to_zero():
    schedule = make_schedule(TrainingConfig(learning_rate=0.2, schedule="cosine"), total_steps=100)
    rates = [float(schedule(step)) for step in range(101)]
    assert rates.index(max(rates)) == 5
    assert rates[52] == pytest.approx(0.1, abs=3e-3)
    assert rates[100] == pytest.approx(0, abs=1e-6)


def test_a_constant_schedule_is_a_number():
    config = TrainingConfig(learning_rate=0.2, schedule="constant")
    assert make_schedule(config, total_steps=100) == 0.2


@pytest.mark.parametrize("steps", [1, 2, 5, 100])
def test_the_rate_is_above_zero_at_every_step(steps):
    schedule = make_schedule(TrainingConfig(learning_rate=0.2), total_steps=steps)
    assert min(float(schedule(step)) for step in range(steps)) > 0


def test_a_training_of_one_step_changes_the_weights(make_model, make_flows):  # R16
    model = make_model()
    before = model.get_weights()
    Trainer(TrainingConfig(epochs=1, precision="float32"), progress=False).fit(
        model, make_flows(train=8)
    )
    assert any((old != new).any() for old, new in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize(
    ("optimizer", "name"), [("adam", "AdamW"), ("sgd", "SGD"), ("muon", "Muon")]
)
def test_the_optimizer_is_the_one_asked_for(optimizer, name):
    config = TrainingConfig(optimizer=optimizer, learning_rate=0.1, weight_decay=0.01)
    made = make_optimizer(config, total_steps=10)
    assert type(made).__name__ == name
    assert made.weight_decay == 0.01


# Wrappers of other optimizers, and the base of all.
NO_NAMES = {"Optimizer", "LossScaleOptimizer", "MultiOptimizer", "OptimizerMap"}
TARGETS = np.eye(3, dtype="float32")[[0, 1, 2, 1]]
PROBABILITIES = np.float32([[0.8, 0.1, 0.1], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8], [0.6, 0.3, 0.1]])


def test_every_optimizer_of_keras_has_a_name():
    classes = {name for name, value in vars(keras.optimizers).items() if isinstance(value, type)}
    assert {name.lower() for name in classes - NO_NAMES} == set(OPTIMIZERS)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_name_makes_an_optimizer_with_a_rate_and_a_schedule_that_takes_a_step(name):
    config = TrainingConfig(optimizer=name).resolve(num_images=1_000)
    variable = keras.Variable([1.0, 2.0])
    made = make_optimizer(config, total_steps=10)
    made.build([variable])
    made.apply([keras.ops.array([0.5, -0.5])])
    assert isinstance(made.get_config()["learning_rate"], dict)
    assert (variable.numpy() != [1.0, 2.0]).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_weight_decay_is_passed_on_to_every_optimizer(name):
    config = TrainingConfig(optimizer=name, learning_rate=0.1, weight_decay=0.02)
    assert make_optimizer(config, total_steps=1).weight_decay == 0.02


def test_an_optimizer_object_is_built_as_it_was_given_each_time_anew():
    config = TrainingConfig(optimizer=keras.optimizers.RMSprop(0.02, rho=0.7))
    first, second = (make_optimizer(config, total_steps=1) for _ in range(2))
    assert first is not second
    assert (type(first).__name__, first.rho) == ("RMSprop", 0.7)
    assert float(first.learning_rate) == pytest.approx(0.02)


@pytest.mark.parametrize(("asked", "rate"), [(None, 0.002), (0.5, 0.5)])
def test_the_second_phase_of_an_optimizer_object_is_at_a_tenth_or_as_asked(asked, rate):
    config = TrainingConfig(
        optimizer=keras.optimizers.SGD(0.02, momentum=0.8), head_epochs=1, fine_tune_rate=asked
    )
    tuned = make_optimizer(at_rate(config, fine_tuning_rate(config)), total_steps=1)
    assert float(tuned.learning_rate) == pytest.approx(rate)
    assert tuned.momentum == 0.8


def test_a_rate_that_is_asked_for_replaces_the_schedule_of_an_optimizer_object():
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 10)
    config = TrainingConfig(
        optimizer=keras.optimizers.SGD(schedule), head_epochs=1, fine_tune_rate=0.25
    )
    assert float(make_optimizer(at_rate(config, 0.25), total_steps=1).learning_rate) == 0.25


def test_a_config_without_another_rate_is_left_as_it_is():
    config = TrainingConfig(optimizer=keras.optimizers.SGD(0.02))
    assert at_rate(config, None) == config


def test_the_loss_is_the_cross_entropy_of_smoothed_targets_unless_another_is_given():
    assert make_loss(TrainingConfig(label_smoothing=0.3)).get_config()["label_smoothing"] == 0.3
    focal = keras.losses.CategoricalFocalCrossentropy(gamma=3)
    assert make_loss(TrainingConfig(loss=focal)).get_config() == focal.get_config()


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_by_name_is_a_finite_number_of_one_hot_targets(name):
    loss = make_loss(TrainingConfig(loss=name))
    assert np.isfinite(np.mean(loss(TARGETS, PROBABILITIES)))


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_by_name_is_one_number_of_one_hot_targets_under_that_name(name):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Identity()])
    model.compile(loss="mse", metrics=make_metrics(TrainingConfig(metrics=[name])))
    logs = model.evaluate(PROBABILITIES, TARGETS, verbose=0, return_dict=True)
    assert np.shape(logs[name]) == ()
    assert np.isfinite(logs[name])


def test_metrics_are_new_ones_at_each_call():
    config = TrainingConfig(metrics=[keras.metrics.F1Score(average="macro"), "auc"])
    first, second = make_metrics(config), make_metrics(config)
    assert [getattr(metric, "name", metric) for metric in first] == [
        "accuracy",
        "categorical_crossentropy",
        "f1_score",
        "auc",
    ]
    assert not {id(m) for m in first[1:]} & {id(m) for m in second[1:]}


def test_what_is_measured_anyway_is_not_measured_twice():
    assert len(make_metrics(TrainingConfig(metrics=["accuracy"]))) == 2


def test_a_step_is_traced_once_because_the_metrics_have_their_variables(make_flows, make_model):
    flows, model, traces = make_flows(), make_model(), []
    usual = type(model).train_step
    model.train_step = lambda data: traces.append(1) or usual(model, data)
    Trainer(TrainingConfig(epochs=2, optimizer="sgd"), progress=False).fit(model, flows)
    assert len(traces) == 1


def test_making_the_metrics_variables_leaves_no_trace_in_their_values(make_model):
    model = make_model()
    model.compile("sgd", "categorical_crossentropy", metrics=make_metrics(TrainingConfig()))
    make_metrics_variables(model)
    variables = [variable for metric in model.metrics for variable in metric.variables]
    assert len(variables) >= 6
    assert not any(np.any(keras.ops.convert_to_numpy(variable)) for variable in variables)
