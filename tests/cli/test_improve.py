"""`imgclass improve`: killed in the middle, it goes on where it was."""

import json
import os
import signal
import time

import pytest

from imgclass import Experiment, ModelSpec, TrainingConfig, run_experiment
from imgclass.improvement.lineage import read_lineage

pytestmark = [
    pytest.mark.keras,
    pytest.mark.thorough,
    pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL"),
]

PATIENCE = 120  # seconds


@pytest.fixture
def start(start_python):
    return lambda place, *words: start_python("-m", "imgclass", "improve", *words, cwd=place)


def kill_when(exists, process):
    deadline = time.monotonic() + PATIENCE
    while not exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.usefixtures("no_other_process")
def test_a_killed_improvement_goes_on_and_repeats_nothing(start, folder):
    place = folder.parent
    poor = Experiment(
        spec=ModelSpec(depth=1, width=4),
        training=TrainingConfig(epochs=1, optimizer="sgd", learning_rate=1e-4),
    )
    run_experiment(folder, poor, run_dir=place / "poor", progress=False)
    made = place / "improvements" / "poor-1"
    killed = start(place, "poor", "--rounds", 1, "--budget", "10m")
    kill_when((made / "01" / "model.keras").exists, killed)
    before = read_lineage(made)
    assert [step.verdict for step in before.steps] == ["start", "trying"]
    again = start(place, made, "--rounds", 1, "--budget", "10m", "--json")
    out, err = again.communicate(timeout=PATIENCE)
    assert again.returncode == 0, err
    said = json.loads(out)
    assert [step["run"] for step in said["steps"]] == [str(place / "poor"), "01"]
    assert said["steps"][1]["verdict"] in {"kept", "rejected"}
    assert said["steps"][1]["observed"]["better"] <= 8
    assert said["steps"][1]["changes"] == list(before.steps[1].changes)
    assert said["seconds"] > before.seconds
    assert (made / "improvement.html").exists()
