import io

import pytest

from imgclass.cli.prediction_progress import prediction_progress


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("time.monotonic", clock)
    return clock


def test_where_there_is_no_terminal_a_line_comes_now_and_then(clock, capsys):
    with prediction_progress(1000, start=100) as move:
        for done in range(100, 701):
            clock.seconds = (done - 100) / 10
            move(done)
    assert capsys.readouterr().err.splitlines() == [
        "400 of 1,000 images, 10 images/s, time left 1 min 0 s",
        "700 of 1,000 images, 10 images/s, time left 30.0 s",
    ]


def test_a_short_prediction_shows_nothing(clock, capsys):
    with prediction_progress(1000) as move:
        clock.seconds = 20
        move(1000)
    assert capsys.readouterr().err == ""


def test_a_terminal_shows_a_bar_once_it_takes_long(clock, monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stderr", terminal)
    with prediction_progress(1000) as move:
        move(1)
        assert terminal.getvalue() == ""
        clock.seconds = 3.0
        move(500)
        move(600)
    assert "predicting" in terminal.getvalue()
    assert "500/1000" in terminal.getvalue()


def test_nothing_is_shown_where_the_lines_themselves_are(clock, capsys):
    with prediction_progress(1000, is_shown=False) as move:
        clock.seconds = 100
        move(500)
    assert capsys.readouterr().err == ""
