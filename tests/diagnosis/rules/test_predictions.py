from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from imgclass.diagnosis import rules
from imgclass.evaluation import PREDICTION_COLUMNS, Score, confusion_of

NAMES = ("cat", "dog")


@pytest.fixture
def too_sure(make_evidence):
    """Give evidence of a network that is 95 % sure of 500 val images and right about 80 %."""
    predicted = np.arange(500) % 2
    labels = np.where(np.arange(500) % 5, predicted, 1 - predicted)
    of_label = np.where(labels == predicted, 0.95, 0.05)
    names = np.take(NAMES, labels), np.take(NAMES, predicted)
    columns = ("0.png", "val", *names, 0.95, of_label)
    table = pd.DataFrame(dict(zip(PREDICTION_COLUMNS, columns, strict=True)))
    return replace(
        make_evidence(0.99, 0.8),
        val=Score(NAMES, confusion_of(labels, predicted, 2), 0.5),
        predictions=table,
        probabilities={"val": np.array([[0.95, 0.05], [0.05, 0.95]], np.float32)[predicted]},
    )


def test_the_calibration_error_is_said_with_the_temperature_that_mends_it(too_sure):
    finding = rules.miscalibrated(too_sure)
    assert finding.gap.value == pytest.approx(0.15)
    assert "error is 0.150 (0.1" in finding.explanation
    assert "A temperature of 2.12 would mend them" in finding.advice[0]


def test_where_only_some_probabilities_are_known_no_temperature_is_named(too_sure):
    finding = rules.miscalibrated(replace(too_sure, probabilities={}))
    assert "temperature" not in finding.advice[0]
