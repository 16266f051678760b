import time

import pytest

from imgclass.errors import UsageError
from imgclass.execution.budget import Budget, read_seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("1.5h", 5400), ("90", 90), (" 2 M ", 120), ("0.5m", 30)],
)
def test_a_time_is_read_in_each_form(text, seconds):
    assert read_seconds(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "0", "0s", "-5m", "ten", "10 min", "1h30m", "nan", "1e3", "m"]
)
def test_another_text_is_an_error_that_shows_the_forms(text):
    with pytest.raises(UsageError, match=r"90s, 10m or 1\.5h") as caught:
        read_seconds(text)
    assert repr(text) in str(caught.value)


def test_a_budget_counts_from_now_or_from_where_it_is_told():
    now = time.monotonic()
    assert 59 < Budget(60).left <= 60
    assert 29 < Budget(60, began=now - 30).left <= 30


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), "10m", None])
def test_a_budget_is_a_finite_number_above_zero(seconds):
    with pytest.raises(UsageError, match="budget"):
        Budget(seconds)
