from dataclasses import replace

import keras
import numpy as np
import pytest

from imgclass import Trainer, TrainingConfig
from imgclass.errors import TrainingError
from imgclass.training import rate_finder

pytestmark = pytest.mark.keras

CONFIG = TrainingConfig(epochs=1, optimizer="sgd", precision="float32")


@pytest.fixture(autouse=True)
def _few_steps(monkeypatch):
    monkeypatch.setattr(rate_finder, "STEPS", 12)


def find(model, flows, config=CONFIG):
    return Trainer(config, progress=False).find_learning_rate(model, flows)


@pytest.mark.parametrize(("optimizer", "lowest"), [("sgd", 1e-7), ("muon", 1e-4)])
def test_rates_grow_exponentially_over_the_range_and_more_than_one_epoch(
    make_model, make_flows, optimizer, lowest
):
    flows = make_flows(train=33)
    test = find(make_model(), flows, replace(CONFIG, optimizer=optimizer))
    assert np.diff(np.log(test.rates)) == pytest.approx(np.log(10 / lowest) / 11)
    assert test.rates[0] == pytest.approx(lowest)
    assert flows.train_augmented._started[:3] == [0, 1, 2]  # four whole batches an epoch


def test_the_model_the_flow_and_what_is_frozen_are_as_before(make_deep, make_flows):
    model, flows = make_deep(dropout=0.5), make_flows()
    before = [np.array(variable) for variable in model.variables]
    find(model, flows, replace(CONFIG, epochs=2, head_epochs=1))
    after = [np.array(variable) for variable in model.variables]
    assert all(np.array_equal(*pair) for pair in zip(before, after, strict=True))
    assert flows.train_augmented._started[-1] == 0
    assert all(layer.trainable for layer in model.layers)
    assert not model.compiled


def test_it_ends_when_the_loss_is_four_times_the_best(make_model, make_flows, monkeypatch):
    losses = iter([1.0, 1.0, 1.0, 90.0, 1.0])
    monkeypatch.setattr(rate_finder, "_learn", lambda *_: next(losses))
    assert find(make_model(), make_flows()).losses == (1.0, 1.0, 1.0, 90.0)


def test_it_ends_before_a_loss_that_is_not_finite(make_model, make_flows, monkeypatch):
    losses = iter([1.0, float("nan")])
    monkeypatch.setattr(rate_finder, "_learn", lambda *_: next(losses))
    assert find(make_model(), make_flows()).losses == (1.0,)


def test_a_loss_that_is_not_finite_from_the_start_is_an_error(make_model, make_flows, monkeypatch):
    monkeypatch.setattr(rate_finder, "_learn", lambda *_: float("nan"))
    with pytest.raises(TrainingError, match="finite loss of the untrained model"):
        find(make_model(), make_flows())


def test_an_optimizer_object_is_tested_too(make_model, make_flows):
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 9)
    config = TrainingConfig(epochs=1, optimizer=keras.optimizers.SGD(schedule))
    assert len(find(make_model(), make_flows(), config).rates) > 1


def test_a_training_that_finds_its_rate_is_the_one_that_is_given_it(
    make_model, make_flows, tmp_path
):
    def trained(config, how="fit"):
        model = make_model()
        getattr(Trainer(config, progress=False), how)(
            model, make_flows(), checkpoints=tmp_path / how
        )
        return model.get_weights()

    finding = replace(CONFIG, find_rate=True)
    suggestion = find(make_model(), make_flows()).suggestion
    found = trained(finding)
    (tmp_path / "fit").rename(tmp_path / "resume")
    given = trained(replace(CONFIG, learning_rate=suggestion))
    resumed = trained(finding, "resume")
    for weights in (given, resumed):
        assert all(np.array_equal(*pair) for pair in zip(found, weights, strict=True))
