import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from imgclass.errors import UnsafeError
from imgclass.io import lock
from imgclass.io.fs import FileSystem
from imgclass.io.lock import held_lock

HOLD = """
import sys, time
from imgclass.io.fs import FileSystem
from imgclass.io.lock import held_lock
with held_lock(sys.argv[1], FileSystem()):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "work" / "lock")


@pytest.fixture
def holder(path):
    process = subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_run_is_refused_and_told_who_is_at_work(path, holder):
    began = time.monotonic()
    with pytest.raises(UnsafeError) as caught, held_lock(path, FileSystem()):
        pass
    assert f"process {holder.pid} on {socket.gethostname()}" in str(caught.value)
    assert time.monotonic() - began < 5


def test_the_lock_of_a_run_that_was_killed_is_stale(path, holder):
    holder.kill()
    holder.wait()
    with held_lock(path, FileSystem()):
        assert json.loads(Path(path).read_bytes())["pid"] == os.getpid()


@pytest.mark.thorough
def test_workers_of_a_killed_run_are_waited_for(path, monkeypatch):
    monkeypatch.setattr(lock, "PATIENCE", 20.0)
    keep = (
        "import subprocess, sys\n"
        "from imgclass.io.fs import FileSystem\n"
        "from imgclass.io.lock import held_lock\n"
        "with held_lock(sys.argv[1], FileSystem()) as descriptor:\n"
        "    subprocess.Popen(['sleep', '1'], pass_fds=[descriptor])\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", keep, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert owner.stdout.readline() == b"held\n"
    owner.kill()
    owner.wait()
    owner.stdin.close()
    owner.stdout.close()
    began = time.monotonic()
    with held_lock(path, FileSystem()):
        assert time.monotonic() - began > 0.2


def test_a_lock_whose_file_its_owner_removed_is_taken_again(path):
    removed = []

    def removing(function, *arguments):
        result = function(*arguments)
        if function.__name__ == "_try_lock" and not removed:
            removed.append(Path(path).unlink())
        return result

    with held_lock(path, FileSystem(call=removing)):
        assert Path(path).exists()
