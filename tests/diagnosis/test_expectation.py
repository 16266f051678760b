import pytest

from imgclass.diagnosis import Expectation
from imgclass.errors import UsageError


def test_an_expectation_is_said_in_points():
    expected = Expectation(0.021, (-0.003, 0.04), runs=1)
    assert str(expected) == "in 1 similar run, median +2.1 points, between -0.3 and +4.0"


@pytest.mark.parametrize(
    ("gain", "interval", "runs"),
    [(0.5, (0.6, 0.7), 3), (2.0, (0.0, 2.0), 3), (0.0, (0.0, 0.0), 0)],
)
def test_an_expectation_that_cannot_be_is_refused(gain, interval, runs):
    with pytest.raises(UsageError, match="Expected -1 <= low"):
        Expectation(gain, interval, runs)
