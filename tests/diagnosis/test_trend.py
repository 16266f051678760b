from dataclasses import replace

import pytest

from imgclass.diagnosis.trend import WINDOW, read_trend


@pytest.fixture(scope="module")
def trend_of(make_evidence, make_history):
    def read(val_accuracy, *, n_val=2_500, **history):
        history = make_history(val_accuracy, **history)
        return read_trend(make_evidence(0.8, 0.7, n_val=n_val, history=history))

    return read


def test_one_epoch_shows_no_trend(trend_of):
    assert trend_of((0.5,)) is None


def test_a_history_without_epochs_shows_no_trend(make_evidence):
    evidence = make_evidence(0.8, 0.7)
    assert read_trend(replace(evidence, history=replace(evidence.history, epochs=()))) is None


def test_epochs_without_a_val_accuracy_show_no_trend(trend_of):
    missing = float("nan")
    assert trend_of((missing, missing, 0.5), val_loss=(1.0, 0.9, 0.8)) is None


def test_two_epochs_are_enough_for_a_rise_beyond_noise(trend_of):
    assert trend_of((0.45, 0.60)).is_improving


def test_a_rise_within_the_noise_of_the_val_images_is_none(trend_of):
    flat = (1.0, 0.9, 1.1, 0.9, 1.0)
    assert not trend_of((0.70, 0.71, 0.70, 0.71, 0.71), val_loss=flat).is_improving
    assert not trend_of((0.60, 0.62, 0.64, 0.66, 0.68), n_val=50, val_loss=flat).is_improving


def test_only_the_last_epochs_count(trend_of):
    trend = trend_of((0.1, 0.3, 0.5, *(0.7,) * WINDOW))
    assert (trend.epochs, trend.first, trend.rise.value) == (WINDOW, 0.7, 0.0)
    assert not trend.is_improving


def test_a_falling_accuracy_is_no_improvement(trend_of):
    assert not trend_of((0.9, 0.8, 0.7, 0.6, 0.5)).is_improving


def test_a_steady_fall_of_the_val_loss_is_an_improvement(trend_of):
    trend = trend_of((0.7,) * 5, val_loss=(1.00, 0.97, 0.95, 0.92, 0.90))
    assert trend.is_loss_falling
    assert trend.loss_fall == pytest.approx(0.1055, abs=1e-3)


def test_a_fall_of_the_val_loss_that_may_be_chance_is_none(trend_of):
    assert not trend_of((0.7,) * 5, val_loss=(1.0, 0.8, 1.1, 0.85, 0.9)).is_improving


def test_a_steady_fall_that_is_not_worth_an_epoch_is_none(trend_of):
    assert not trend_of((0.7,) * 5, val_loss=(1.0, 0.999, 0.998, 0.997, 0.996)).is_improving


def test_three_epochs_are_too_few_for_a_line_through_the_loss(trend_of):
    assert not trend_of((0.7,) * 3, val_loss=(1.0, 0.9, 0.8)).is_improving


def test_a_learning_rate_that_came_down_is_annealed(trend_of):
    assert trend_of((0.7,) * 3, learning_rates=(1e-3, 5e-4, 0.0)).is_annealed
    assert not trend_of((0.7,) * 3, learning_rates=(1e-3, 5e-4, 2e-4)).is_annealed
    assert not trend_of((0.7,) * 3).is_annealed


def test_a_lower_learning_rate_after_the_heads_epochs_is_not_annealed(trend_of):
    constant = (1e-3,) * 3 + (1e-5,) * 3
    assert not trend_of((0.7,) * 6, last_phase=3, learning_rates=constant).is_annealed


def test_a_learning_rate_that_came_down_after_the_heads_epochs_is_annealed(trend_of):
    cycles = (1e-3, 5e-4, 0.0, 1e-3, 5e-4, 1e-6)
    assert trend_of((0.7,) * 6, last_phase=3, learning_rates=cycles).is_annealed


def test_what_unfreezing_brought_at_once_is_no_trend(trend_of):
    trend = trend_of((0.3, 0.3, 0.3, 0.8, 0.8), last_phase=3, val_loss=(1.0,) * 5)
    assert (trend.epochs, trend.is_improving) == (2, False)
