import keras
import numpy as np
import pytest

from imgclass import Trainer, TrainingConfig
from imgclass.models.spec import OPTIMIZERS
from imgclass.training.recipe import make_optimizer

pytestmark = pytest.mark.keras


def averages_of(optimizer, values):
    """The average after each step, of a variable that a step sets to the next value."""
    variable = keras.Variable([values[0]])
    optimizer.build([variable])
    optimizer.update_step = lambda gradient, variable, _: optimizer.assign(variable, gradient)
    found = []
    for value in values:
        optimizer.apply([keras.ops.array([value])])
        found.append(float(optimizer._model_variables_moving_average[0][0]))
    return found


def made(**changes):
    config = TrainingConfig(**({"optimizer": "sgd", "learning_rate": 0.1} | changes))
    return make_optimizer(config, total_steps=100)


def test_the_average_begins_with_the_first_weights_and_then_warms_up():
    values = [float(step**2) for step in range(30)]
    expected = [values[0]]
    for step, value in enumerate(values[1:], start=1):
        momentum = min(0.6, (1 + step) / (10 + step))
        expected.append(momentum * expected[-1] + (1 - momentum) * value)
    assert averages_of(made(ema=0.6), values) == pytest.approx(expected, rel=1e-5)


def test_a_short_training_does_not_average_its_first_weights():
    values = [0.0] * 30 + [1.0] * 70
    keras_own = keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.999)
    assert averages_of(keras_own, values)[-1] < 0.1
    assert averages_of(made(ema=0.999), values)[-1] > 0.99


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_averages(name):
    optimizer = made(optimizer=name, ema=0.9)
    variable = keras.Variable([1.0, 2.0])
    optimizer.build([variable])
    optimizer.apply([keras.ops.array([0.5, -0.5])])
    average = optimizer._model_variables_moving_average[0]
    assert np.asarray(average) == pytest.approx(np.asarray(variable))
    assert optimizer.get_config()["ema_momentum"] == 0.9


@pytest.mark.parametrize("optimizer", ["adam", "muon"])
def test_the_averages_are_validated_and_kept(make_model, make_flows, optimizer):
    model, flows = make_model(), make_flows()
    config = TrainingConfig(epochs=2, optimizer=optimizer, ema=0.9, precision="float32")
    history = Trainer(config, progress=False).fit(model, flows)
    images, labels = (np.concatenate(part) for part in zip(flows.val[0], flows.val[1], strict=True))
    right = model.predict(images, verbose=0).argmax(1) == labels.argmax(1)
    assert right.mean() == pytest.approx(history.best.val_accuracy)
    plain = make_model()
    Trainer(TrainingConfig(epochs=2, optimizer=optimizer, precision="float32"), progress=False).fit(
        plain, flows
    )
    assert any(
        (a != b).any() for a, b in zip(model.get_weights(), plain.get_weights(), strict=True)
    )
