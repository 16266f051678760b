from math import inf, nan

import numpy as np
import pytest

pytestmark = pytest.mark.keras


class Paper:
    """A model whose weights are one number, with the methods that BestWeights uses."""

    def __init__(self):
        self.weights = [np.array(-1.0)]

    def get_weights(self):
        return [weight.copy() for weight in self.weights]

    def set_weights(self, weights):
        self.weights = weights


@pytest.fixture
def run():
    """Let epochs end with these (val accuracy, val loss); the weight of each is its number."""
    from imgclass.training.best_weights import BestWeights

    def over(*measured, patience=None):
        best, model = BestWeights(patience), Paper()
        best.set_model(model)
        stalled = []
        for epoch, (accuracy, loss) in enumerate(measured):
            best.on_epoch_begin(epoch)
            model.weights = [np.array(float(epoch))]
            best.on_test_end({"accuracy": accuracy, "categorical_crossentropy": loss})
            best.on_epoch_end(epoch)
            stalled.append(best.is_stalled)
        return best, model, stalled

    return over


@pytest.mark.parametrize(
    ("measured", "best_epoch"),
    [
        (((0.5, 1.0), (0.7, 2.0), (0.6, 0.1)), 1),
        (((0.5, 1.0), (0.5, 0.9), (0.5, 0.95)), 1),
        (((0.5, 1.0), (0.5, 1.0)), 0),
        (((0.0, inf), (0.0, 3.0)), 1),
        (((0.0, nan), (0.1, nan)), 1),
    ],
)
def test_the_best_has_the_highest_accuracy_and_then_the_lowest_loss(run, measured, best_epoch):
    best, model, _ = run(*measured)
    assert best.epoch == best_epoch
    best.restore()
    assert model.weights == [float(best_epoch)]


def test_patience_counts_epochs_without_a_better_one(run):
    measured = ((0.5, 1.0), (0.5, 1.1), (0.5, 0.9), (0.4, 0.1), (0.4, 0.1))
    assert run(*measured, patience=2)[2] == [False, False, False, False, True]


def test_a_new_phase_starts_waiting_again(run):
    best, _, stalled = run((0.5, 1.0), (0.5, 1.1), patience=1)
    assert stalled == [False, True]
    best.begin_phase()
    assert not best.is_stalled


def test_without_a_complete_epoch_the_current_or_the_initial_weights_are_kept(run):
    best, model, _ = run()
    best.on_epoch_begin(0)
    model.weights = [np.array(5.0)]
    best.restore()
    assert model.weights == [5.0]
    best.restore(or_first=True)
    assert model.weights == [-1.0]


def test_the_model_has_the_best_weights_for_a_while(run):
    best, model, _ = run((0.9, 1.0), (0.5, 1.0))
    with best.in_model() as lent:
        assert lent.weights == [0.0]
    assert model.weights == [1.0]
