"""A training that the system kills is gone on with by another process, from another folder."""

import json
import os
import signal
import time
from dataclasses import replace

import pytest

from imgclass import Run
from imgclass.training.checkpoints.folder import CheckpointFolder

pytestmark = [
    pytest.mark.keras,
    pytest.mark.thorough,
    pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL"),
]

OPTIONS = ["--depth", 1, "--width", 4, "--batch-size", 8, "--epochs", 60, "--augment", "light"]
PATIENCE = 120  # seconds until a process must have come so far


@pytest.fixture
def start(start_python):
    return lambda folder, *words: start_python("-m", "imgclass", *words, "--json", cwd=folder)


def finished(process):
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, out + err
    return json.loads(out)


def kill_after_an_epoch(process, checkpoints):
    """Kill a training once two of its epochs are over, at whatever it is doing then."""
    deadline = time.monotonic() + PATIENCE
    while not any("-epoch-2" in path.name for path in checkpoints.glob("0*")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.usefixtures("folder")
def test_a_killed_training_ends_as_one_that_nothing_disturbed(start, tmp_path):
    undisturbed = start(tmp_path, "train", "data", "--run-dir", "undisturbed", *OPTIONS)
    finished(undisturbed)
    killed = start(tmp_path, "train", "data", "--run-dir", "killed", *OPTIONS)
    kill_after_an_epoch(killed, tmp_path / "killed" / "checkpoints")
    before = Run.load(tmp_path / "killed")
    assert before.record.status == "interrupted"
    assert len(before.history.epochs) < 60

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    said = finished(start(elsewhere, "train", "--resume", "../killed"))
    assert (said["status"], said["epochs"]) == ("finished", 60)
    one, other = (Run.load(tmp_path / name) for name in ("undisturbed", "killed"))
    assert [replace(epoch, seconds=0.0) for epoch in one.history.epochs] == [
        replace(epoch, seconds=0.0) for epoch in other.history.epochs
    ]
    weights = [[w.tobytes() for w in run.model.get_weights()] for run in (one, other)]
    assert weights[0] == weights[1]
    arrays = [CheckpointFolder(run.path / "checkpoints").newest().arrays for run in (one, other)]
    assert {name: array.tobytes() for name, array in arrays[0].items()} == {
        name: array.tobytes() for name, array in arrays[1].items()
    }
    assert one.evaluation.test == other.evaluation.test
    assert not list((tmp_path / "killed").glob(".*"))
    assert not list((tmp_path / "killed" / "checkpoints").glob(".*"))
