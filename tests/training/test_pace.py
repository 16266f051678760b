from datetime import UTC, datetime

import pytest

from imgclass.training.pace import Pace

NOW = datetime(2026, 1, 31, 14, 28, tzinfo=UTC)


class Clock:
    """A clock that goes on only when it is told to."""

    now = 100.0

    def __call__(self):
        return self.now


def paced(*, total, epochs, steps, compiling=0.0, step=1.0, validation=0.0):
    """A training of equal steps, the first of which compiles, after some whole epochs."""
    clock = Clock()
    pace = Pace(total=total, clock=clock)
    for epoch in range(epochs):
        pace.begin_epoch()
        for i in range(steps):
            clock.now += step + (compiling if (epoch, i) == (0, 0) else 0)
            pace.step(epoch * steps + i + 1)
        clock.now += validation
        pace.end_epoch()
    return pace


def test_nothing_is_known_before_the_second_step():
    pace = Pace(total=9)
    pace.begin_epoch()
    pace.step(1)
    assert (pace.steps_per_second, pace.seconds_left, pace.forecast(NOW)) == (None, None, "")


def test_the_forecast_after_an_epoch_counts_its_validation():
    pace = paced(total=30, epochs=2, steps=10, compiling=60, step=2, validation=10)
    assert pace.seconds_left == pytest.approx(30)
    assert pace.forecast(NOW) == "about 30 s left, ends 14:28"


def test_there_is_no_forecast_in_the_first_half_minute():
    assert paced(total=1000, epochs=1, steps=29).forecast(NOW) == ""
    assert paced(total=1000, epochs=1, steps=30).forecast(NOW) == "about 16 min left, ends 14:44"


@pytest.mark.parametrize(
    ("total", "words"),
    [(41, "10 s"), (123, "80 s"), (340, "5 min"), (40 + 3600 * 2 + 300, "2 h 5 min")],
)
def test_the_time_left_is_rounded_to_what_can_be_known(total, words):
    assert f"about {words} left" in paced(total=total, epochs=1, steps=40).forecast(NOW)


def test_the_speed_leaves_out_compilation_and_validation():
    pace = paced(total=99, epochs=1, steps=5, compiling=60, step=0.5, validation=9)
    assert pace.steps_per_second == pytest.approx(2)
