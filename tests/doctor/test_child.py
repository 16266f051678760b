import time

import pytest

from imgclass.doctor.child import ask


@pytest.fixture
def child(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def run(code, *, limit=5.0):
        (tmp_path / "asked.py").write_text(code)
        return ask("asked", limit=limit)

    return run


def test_an_answer_comes_back(child):
    outcome = child("print('', flush=True); print('[1, 2]')")
    assert (outcome.answer, outcome.timed_out) == ([1, 2], False)


def test_a_child_that_hangs_is_ended(child):
    outcome = child("print('', flush=True); import time; time.sleep(600)", limit=0.2)
    assert (outcome.answer, outcome.timed_out) == (None, True)


def test_a_child_that_goes_on_after_its_answer_is_ended(child):
    start = time.perf_counter()
    outcome = child("print(); print(7, flush=True); import time; time.sleep(600)")
    assert outcome.answer == 7
    assert time.perf_counter() - start < 60


@pytest.mark.parametrize("before", ["", "print('', flush=True)\n"], ids=["at once", "when ready"])
def test_a_child_that_exits_tells_its_code(child, before):
    outcome = child(f"{before}import sys; sys.exit(5)")
    assert (outcome.answer, outcome.exit_code, outcome.timed_out) == (None, 5, False)


def test_a_child_that_crashes_tells_its_signal(child):
    outcome = child("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert outcome.exit_code < 0
