import pytest

from imgclass.training import save_pace
from imgclass.training.save_pace import SavePace

pytestmark = pytest.mark.keras  # the package imports it


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is moved."""

    class Clock:
        now = 100.0

        def perf_counter(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(save_pace, "time", clock)
    return clock


def test_the_first_save_is_due_at_once():
    assert SavePace().is_due


def test_saving_takes_a_twentieth_of_the_time(clock):
    pace = SavePace()
    with pace.saving():
        clock.now += 1.0
    clock.now += 18.9
    assert not pace.is_due
    clock.now += 0.2
    assert pace.is_due


def test_a_slow_save_waits_no_longer_than_its_limit(clock):
    pace = SavePace(every=60.0)
    with pace.saving():
        clock.now += 30.0
    clock.now += 59.0
    assert not pace.is_due
    clock.now += 1.0
    assert pace.is_due
