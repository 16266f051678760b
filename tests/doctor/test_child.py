import pytest

from imgclass.doctor.child import LATE, ask

ANSWER = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text('[1, 2]'); "


@pytest.fixture
def child(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def run(code, *, limit=5.0):
        (tmp_path / "asked.py").write_text(code)
        return ask("asked", limit=limit)

    return run


def test_an_answer_comes_back(child):
    assert child(ANSWER) == [1, 2]


def test_what_a_child_prints_is_not_taken_for_its_answer(child):
    assert child(f"print('[3]', flush=True); {ANSWER}") == [1, 2]


def test_a_child_that_hangs_is_ended(child, monkeypatch):
    monkeypatch.setattr("imgclass.doctor.child.START_LIMIT", 0.5)
    answer = child("import time; time.sleep(600)", limit=0.1)
    assert answer == {"fault": "it was not done after 0.1 s"}


def test_a_program_that_a_child_leaves_behind_keeps_nobody_waiting(child):
    left = "import subprocess; subprocess.Popen([sys.executable, '-c', 'input()'], stdin=-1); "
    assert child(f"{ANSWER}{left}import os; os._exit(0)") == [1, 2]


def test_a_child_that_ends_itself_late_is_told_so(child):
    assert child(f"exit({LATE})", limit=2) == {"fault": "it was not done after 2 s"}


@pytest.mark.parametrize("before", ["", ANSWER], ids=["without an answer", "after it"])
def test_a_child_that_exits_tells_its_code(child, before):
    assert child(f"{before}import sys; sys.exit(5)") == {
        "fault": "it ended Python with exit code 5"
    }


def test_a_child_that_crashes_tells_its_signal(child):
    answer = child("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert answer == {"fault": "it ended Python with exit code -11"}
