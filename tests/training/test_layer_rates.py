import keras
import numpy as np
import pytest

from imgclass import Trainer, TrainingConfig
from imgclass.training.layer_rates import shares_by_depth
from imgclass.training.recipe import make_optimizer

pytestmark = pytest.mark.keras


def three_layers():
    layers = [keras.layers.Dense(2), keras.layers.BatchNormalization(), keras.layers.Dense(2)]
    return keras.Sequential([keras.Input((2,)), *layers, keras.layers.Dense(2)])


def test_a_layer_has_the_rate_of_its_depth_and_a_normalisation_that_of_the_layer_before_it():
    variables = three_layers().trainable_variables
    names = [variable.name for variable in variables]
    assert names == ["kernel", "bias", "gamma", "beta", "kernel", "bias", "kernel", "bias"]
    assert shares_by_depth(variables, 0.5) == (0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 1.0, 1.0)


def step(name, **changes):
    """How far each variable moves in the first step of an optimizer."""
    config = TrainingConfig(optimizer=name, learning_rate=0.1, schedule="constant", **changes)
    optimizer = make_optimizer(config, total_steps=1)
    kernels = [keras.Variable(np.full((3, 3, 2, 4), 1 + 0.1 * i, "float32")) for i in range(3)]
    before = [np.asarray(kernel) for kernel in kernels]
    optimizer.build(kernels)
    gradients = np.random.default_rng(0).normal(size=(3, 3, 3, 2, 4)).astype("float32")
    optimizer.apply([keras.ops.array(gradient) for gradient in gradients])
    return [np.asarray(kernel) - old for kernel, old in zip(kernels, before, strict=True)]


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("name", ["adam", "sgd", "muon", "rmsprop"])
def test_the_step_and_the_weight_decay_of_a_layer_are_at_its_rate(name, decay):
    whole = step(name, weight_decay=decay)
    by_layer = step(name, weight_decay=decay, layer_decay=0.5)
    for one, other, share in zip(whole, by_layer, (0.25, 0.5, 1.0), strict=True):
        assert other == pytest.approx(share * one, abs=2e-6)


def test_the_lowest_layer_of_a_model_is_trained_more_slowly(make_deep, make_flows):
    def moved(decay):
        model = make_deep()
        config = TrainingConfig(
            epochs=1, optimizer="sgd", learning_rate=0.1, layer_decay=decay, precision="float32"
        )
        before = model.get_weights()
        Trainer(config, progress=False).fit(model, make_flows(train=8))
        return [np.abs(a - b).max() for a, b in zip(model.get_weights(), before, strict=True)]

    slow, fast = moved(0.5), moved(1.0)
    assert 0 < slow[0] < 0.5 * fast[0]
    assert slow[-1] == pytest.approx(fast[-1], rel=1e-3)


def test_the_class_is_keras_s_own_without_decay():
    config = TrainingConfig(optimizer="sgd", learning_rate=0.1)
    assert isinstance(make_optimizer(config, total_steps=1), keras.optimizers.SGD)
    assert type(make_optimizer(config, total_steps=1)).__module__.startswith("keras.")
