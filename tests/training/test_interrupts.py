import io
import os
import signal
import threading

import pytest

from imgclass.errors import InterruptedRunError, TerminatedError
from imgclass.training.interrupts import NOTE, Interrupts

pytestmark = pytest.mark.keras


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_without_a_signal_nothing_is_raised():
    with Interrupts() as interrupts:
        interrupts.raise_if_received("after batch 1")


@pytest.mark.parametrize(
    ("number", "error", "said"),
    [
        (signal.SIGINT, InterruptedRunError, r"Stopped by Ctrl-C after batch 1\."),
        (signal.SIGTERM, TerminatedError, r"\(SIGTERM\) after batch 1\."),
    ],
)
def test_a_signal_is_raised_when_asked(number, error, said):
    with Interrupts() as interrupts:
        signal.raise_signal(number)
        with pytest.raises(error, match=said):
            interrupts.raise_if_received("after batch 1")


def test_a_second_ctrl_c_stops_at_once():
    with Interrupts():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_a_second_sigterm_changes_nothing():
    with Interrupts() as interrupts:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(TerminatedError):
            interrupts.raise_if_received()


def test_ctrl_c_after_sigterm_needs_two_presses_to_stop_at_once():
    with Interrupts() as interrupts:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        assert interrupts.received == signal.SIGTERM
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_a_terminal_is_told_once_what_the_first_ctrl_c_does(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with Interrupts():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert terminal.getvalue() == NOTE


def test_without_a_terminal_nothing_is_written(capsys):
    with Interrupts():
        signal.raise_signal(signal.SIGINT)
    assert capsys.readouterr() == ("", "")


def test_the_handlers_of_before_are_restored():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with Interrupts():
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.mark.parametrize("handler", [signal.SIG_IGN, lambda *_: None])
def test_a_signal_with_another_handler_is_left_alone(handler):
    signal.signal(signal.SIGINT, handler)
    with Interrupts() as interrupts:
        assert signal.getsignal(signal.SIGINT) is handler
        os.kill(os.getpid(), signal.SIGINT)
        interrupts.raise_if_received()


def test_in_another_thread_nothing_is_changed():
    seen = []

    def enter():
        with Interrupts():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]
