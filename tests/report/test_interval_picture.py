from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclass.report.interval_picture import interval_picture, ticks_between
from imgclass.run.board import Leaderboard
from imgclass.run.ranked_run import RankedRun


def board(*intervals):
    return Leaderboard(
        tuple(
            RankedRun(Path("r"), "r", 1, (low + high) / 2, (low, high), 100, 0.5)
            for low, high in intervals
        )
    )


@given(st.floats(0, 1), st.floats(0, 1))
def test_few_round_ticks_hold_every_pair_of_accuracies(a, b):
    low, high = sorted((a, b))
    ticks = ticks_between(low, high)
    assert 2 <= len(ticks) <= 7
    assert ticks[0] <= low + 1e-9
    assert high - 1e-9 <= ticks[-1]
    assert ticks[0] >= 0
    assert ticks[-1] <= 1


def test_no_tick_is_above_one():
    assert ticks_between(0.93, 1.0)[-1] == 1.0
    assert ticks_between(1.0, 1.0)[-1] == 1.0
    assert ticks_between(0.1, 1.0) == (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def test_bars_lie_in_their_rows_between_the_first_and_the_last_tick():
    picture = interval_picture(board((0.88, 0.92), (0.70, 0.75)))
    first, second = picture.bars
    assert first.low < first.at < first.high
    assert second.high < first.low
    assert second.top > first.top
    assert picture.ticks[0][1] <= second.low
    assert first.high <= picture.ticks[-1][1] <= 100
    assert picture.height > picture.bottom > second.top


@pytest.mark.parametrize(("interval", "digits"), [((0.7, 0.9), 0), ((0.991, 0.994), 1)])
def test_ticks_between_whole_percents_show_tenths(interval, digits):
    assert interval_picture(board(interval)).digits == digits
