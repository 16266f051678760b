from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from imgclass.errors import UsageError
from imgclass.evaluation import (
    PREDICTION_COLUMNS,
    Evaluation,
    Score,
    at_temperature,
    calibrate,
    confusion_of,
    fit_temperature,
)

NAMES = ("cat", "dog", "emu")


def drawn(n, *, temperature=1.0, seed=0):
    """Give probabilities and labels drawn by them, the first then sharpened by a temperature."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (n, len(NAMES)))
    true = at_temperature(np.exp(logits), 1.0)
    labels = np.array([rng.choice(len(NAMES), p=row) for row in true])
    return at_temperature(true, 1 / temperature), labels


def calibration_of(probabilities, labels):
    predicted = probabilities.argmax(axis=1)
    return calibrate(probabilities.max(axis=1), predicted == labels)


def evaluation_of(probabilities, labels):
    predicted = probabilities.argmax(axis=1)
    score = Score(NAMES, confusion_of(labels, predicted, len(NAMES)), 0.5)
    tables = [
        pd.DataFrame(
            dict(
                zip(
                    PREDICTION_COLUMNS,
                    (
                        [f"{split}/{i}.png" for i in range(len(labels))],
                        split,
                        np.take(NAMES, labels),
                        np.take(NAMES, predicted),
                        probabilities.max(axis=1),
                        probabilities[np.arange(len(labels)), labels],
                    ),
                    strict=True,
                )
            )
        )
        for split in ("train", "val")
    ]
    return Evaluation(score, score, None, pd.concat(tables), probabilities={"val": probabilities})


def test_the_error_is_the_mean_difference_in_bins_of_equal_mass():
    sure = np.repeat([0.6, 0.8], 50)
    is_right = np.concatenate([np.arange(50) < 35, np.arange(50) < 30])
    found = calibrate(sure, is_right)
    assert [(each.n, each.accuracy) for each in found.bins] == [(50, 0.7), (50, 0.6)]
    assert found.ece == pytest.approx((0.1 + 0.2) / 2)
    assert found.excess == pytest.approx(0.05)


def test_there_are_fifteen_bins_where_there_are_images_enough():
    found = calibration_of(*drawn(3_000))
    assert [each.n for each in found.bins] == [200] * 15
    assert len(calibration_of(*drawn(300)).bins) == 6


def test_equal_probabilities_are_in_one_bin():
    assert len(calibrate(np.full(3_000, 0.9), np.arange(3_000) < 2_000).bins) == 1


@pytest.mark.parametrize("n", [60, 400, 4_000])
def test_the_interval_of_probabilities_that_are_right_reaches_down_to_nearly_none(n):
    lows = [calibration_of(*drawn(n, seed=seed)).interval[0] for seed in range(10)]
    assert max(lows) < 0.03


def test_too_sure_probabilities_are_certainly_off():
    found = calibration_of(*drawn(2_000, temperature=3.0))
    low, high = found.interval
    assert 0.05 < low < found.ece < high
    assert found.excess > 0.05


def test_the_same_images_give_the_same_interval():
    assert calibration_of(*drawn(500)) == calibration_of(*drawn(500))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_was_planted_is_found(temperature):
    probabilities, labels = drawn(4_000, temperature=temperature)
    assert fit_temperature(probabilities, labels) == pytest.approx(temperature, rel=0.1)


def test_the_temperature_found_mends_the_probabilities():
    probabilities, labels = drawn(4_000, temperature=3.0)
    mended = at_temperature(probabilities, fit_temperature(probabilities, labels))
    assert calibration_of(mended, labels).ece < calibration_of(probabilities, labels).ece / 5
    assert (mended.argmax(axis=1) == probabilities.argmax(axis=1)).all()


def test_a_temperature_stays_in_its_range():
    sure = np.array([[0.9, 0.1]] * 100)
    assert fit_temperature(sure, np.zeros(100, int)) == 0.1
    assert fit_temperature(sure, np.ones(100, int)) == 10.0


def test_a_probability_of_zero_has_a_temperature():
    rows = np.array([[1.0, 0.0]] * 100, np.float32)
    assert fit_temperature(rows, np.arange(100) // 95) == pytest.approx(10.0)


def test_an_evaluation_says_how_calibrated_each_split_is():
    evaluation = evaluation_of(*drawn(1_000, temperature=2.0))
    assert evaluation.calibration().temperature == pytest.approx(2.0, rel=0.15)
    assert evaluation.calibration("train").ece == evaluation.calibration().ece
    with pytest.raises(UsageError, match="one of the splits train, val; received 'test'"):
        evaluation.calibration("test")


def test_without_all_probabilities_there_is_no_temperature():
    evaluation = replace(evaluation_of(*drawn(200)), probabilities={})
    assert evaluation.calibration().temperature is None
