from dataclasses import replace

import numpy as np
import pytest

from imgclass.diagnosis.experience import Experience, Situation

SITUATION = Situation(
    n_train=1000, n_val=1000, classes=4, pixels=256, pretrained=False, depth=2, width=8, epochs=10,
    dropout=0.0, l2=0.0, augmentation=0.2, train=0.9, val=0.8, rise=0.0,
)  # fmt: skip


@pytest.fixture
def rows():
    """Give gains of one spread, of forty sources."""
    chance = np.random.default_rng(0)
    return [
        Experience(
            "deepen", f"{i} dots", int(chance.integers(0, 100)), 0, 1000, 1.0,
            replace(SITUATION, train=0.9 + 0.001 * i),
        )
        for i in range(40)
    ]  # fmt: skip


def test_a_row_is_predicted_without_the_rows_of_its_data(benchmark, rows):
    calibration = benchmark("calibration")
    outlier = replace(rows[0], better=1000, source="odd one")
    known = list(calibration.predictions([*rows, outlier, outlier], neighbours=10))
    assert len(known) == len(rows) + 2
    assert not known[-1].is_inside
    assert known[-1].expected.interval[1] < 0.2


def test_intervals_of_like_situations_hold_most_outcomes(benchmark, rows, capsys):
    calibration = benchmark("calibration")
    known = list(calibration.predictions(rows, neighbours=25))
    assert 0.6 < np.mean([each.is_inside for each in known]) < 0.95
    calibration.print_calibration(rows)
    assert "40 rows of 40 situations: dots" in capsys.readouterr().out


def test_what_the_same_change_brought_to_the_same_data_is_the_limit(benchmark, rows):
    calibration = benchmark("calibration")
    assert "no change" in calibration.limit_summary(rows)
    same = [replace(rows[0], better=better, source="one") for better in (10, 30, 30)]
    assert "of 3 rows" in calibration.limit_summary([*rows, *same])
    assert "wrong by 1.33 points" in calibration.limit_summary(same)
