import signal
import socket

import pytest

from imgclass.errors import MachineError, UsageError
from imgclass.improvement import improve
from imgclass.improvement.cluster import connection


def test_without_the_extra_the_error_says_what_installs_it(tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "find_spec", lambda _: None)
    with pytest.raises(MachineError, match=r"pip install 'imgclass-keras\[ray\]'"):
        improve(tmp_path, cluster="auto")


def test_an_empty_address_is_refused(tmp_path):
    with pytest.raises(UsageError, match="auto, HOST:PORT, ray://HOST:PORT or local"):
        improve(tmp_path, cluster="")


@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_an_address_where_nothing_listens_is_refused_at_once(scheme):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))  # taken, and no one listens
        address = f"{scheme}127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(MachineError, match=f"Expected a Ray cluster at {address}; there is no"):
            connection._connect(None, address)


def test_the_variables_of_ray_are_set_while_it_is_used_only(monkeypatch):
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "1")
    monkeypatch.delenv("TUNE_DISABLE_SIGINT_HANDLER", raising=False)
    with connection._variables():
        assert connection.os.environ["TUNE_DISABLE_SIGINT_HANDLER"] == "1"
        assert connection.os.environ["RAY_USAGE_STATS_ENABLED"] == "1"  # the user's own
    assert "TUNE_DISABLE_SIGINT_HANDLER" not in connection.os.environ


def test_sigterm_is_as_before_when_the_cluster_was_left():
    def ours(*_): ...

    before = signal.signal(signal.SIGTERM, ours)
    try:
        with connection._own_sigterm():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # as Ray does
        assert signal.getsignal(signal.SIGTERM) is ours
    finally:
        signal.signal(signal.SIGTERM, before)
