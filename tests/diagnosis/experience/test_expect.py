from dataclasses import replace

import numpy as np
import pytest

from imgclass.diagnosis.experience import expect
from imgclass.diagnosis.experience.expect import FEWEST, weighted_quantiles


@pytest.fixture
def table(make_row):
    """Rows of one lever, in situations that differ in train accuracy: the lower, the larger."""
    shares = np.linspace(0.5, 0.9, 41)
    return [make_row(0.9 - share, train=float(share)) for share in shares]


def test_gains_are_those_of_the_most_similar_situations(table):
    low, high = (
        expect(replace(table[0].situation, train=train), "deepen", table, neighbours=9)
        for train in (0.55, 0.85)
    )
    assert low.gain == pytest.approx(0.35, abs=0.02)
    assert high.gain == pytest.approx(0.05, abs=0.02)
    assert low.interval[0] < low.gain < low.interval[1]
    assert low.runs == 9


@pytest.mark.parametrize(
    "strange", [{"n_train": 10**6}, {"pretrained": True}, {"classes": 1000}, {"val": 0.0}]
)
def test_a_situation_like_none_that_is_known_has_no_expectation(table, strange):
    situation = replace(table[0].situation, **strange)
    varied = [
        replace(
            row,
            situation=replace(
                row.situation, n_train=800 + 10 * i, val=0.7 + 0.001 * i, classes=9 + i % 3
            ),
        )
        for i, row in enumerate(table)
    ]
    assert expect(table[0].situation, "deepen", varied) is not None
    assert expect(situation, "deepen", varied) is None


def test_a_lever_of_few_rows_has_no_expectation(table):
    situation = table[0].situation
    assert expect(situation, "deepen", table[:1] * FEWEST) is not None
    assert expect(situation, "deepen", table[:1] * (FEWEST - 1)) is None
    assert expect(situation, "widen", table) is None
    assert expect(None, "deepen", table) is None
    assert expect(situation, "deepen", ()) is None


def test_a_value_of_more_weight_pulls_the_median_to_itself():
    values = np.array([0.0, 1.0, 2.0])
    (even,) = weighted_quantiles(values, np.ones(3), (0.5,))
    (heavy,) = weighted_quantiles(values, np.array([1.0, 1.0, 8.0]), (0.5,))
    assert even == 1.0 < heavy
