"""An improvement on a Ray cluster of two nodes: the lineage is the same if one is killed."""

import json
import os
import signal
import threading
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from imgclass import (
    Experiment,
    ModelSpec,
    Run,
    TrainingConfig,
    improve,
    run_experiment,
    run_experiments,
)
from imgclass.diagnosis.changes import with_spec
from imgclass.improvement.lineage import Idea

pytestmark = [
    pytest.mark.keras,
    pytest.mark.thorough,
    pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed"),
    # A minute and a half, and its outcome hangs on how soon Ray misses a node on a busy machine.
    pytest.mark.skipif("IMGCLASS_CHECK_ALL" not in os.environ, reason="IMGCLASS_CHECK_ALL=1"),
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="asks Linux for parents"),
    pytest.mark.filterwarnings("ignore"),  # Ray's own
]

EPOCHS = 40
# A node that does not answer is given up after two seconds instead of fifteen.
SOON_MISSED = {
    "health_check_initial_delay_ms": 1000,
    "health_check_period_ms": 400,
    "health_check_failure_threshold": 5,
}
PATIENCE = 60  # seconds until a training must have come so far


@pytest.fixture
def start(folder, tmp_path, monkeypatch, no_other_process):
    """A run, and two ideas for it, each first tried on most of its epochs."""
    del no_other_process
    monkeypatch.setattr("imgclass.improvement.step_plan.SHORTEST", 0.0)
    monkeypatch.setattr("imgclass.improvement.ideas.SHORT", 0.9)
    monkeypatch.setattr("imgclass.improvement.step_plan.find_ideas", two_ideas)
    # It learns too slowly to reach the target.
    slow = TrainingConfig(epochs=EPOCHS, batch_size=8, optimizer="sgd", learning_rate=1e-5)
    experiment = Experiment(spec=ModelSpec(depth=1, width=4), training=slow)
    return run_experiment(folder, experiment, run_dir=tmp_path / "start", progress=False)


def two_ideas(best, lineage, usual):
    del lineage, usual
    return tuple(
        Idea("high_bias", with_spec(best.experiment, "More room.", width=width)) for width in (6, 8)
    )


@pytest.fixture
def cluster(monkeypatch):
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    from ray.cluster_utils import Cluster

    made = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "_system_config": SOON_MISSED}
    )
    made.add_node(num_cpus=1)
    yield made
    made.shutdown()


def parent_of(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def is_under_way(run):
    """Whether a checkpoint of two epochs or more is there."""
    names = (path.name for path in (run / "checkpoints").glob("0*-epoch-*"))
    return any(int(name.split("-")[2]) >= 2 for name in names)


def trainer_of(run):
    """The process that trains a run, and its parent; zeros if it begins or ends just now."""
    try:
        pid = json.loads((run / ".lock").read_text())["pid"]
        return pid, parent_of(pid)
    except (OSError, ValueError):
        return 0, 0


def kill_in_mid_training(cluster, root, killed):
    """Kill the second node, as if its power went, when its short fit is under way."""
    (node,) = cluster.worker_nodes
    raylet = node.all_processes["raylet"][0].process.pid
    deadline = time.monotonic() + PATIENCE
    while not killed and time.monotonic() < deadline:
        for run in root.glob("01-short-*"):
            pid, parent = trainer_of(run) if is_under_way(run) else (0, 0)
            if parent == raylet:
                os.kill(raylet, signal.SIGKILL)
                os.kill(pid, signal.SIGKILL)
                cluster.remove_node(node, allow_graceful=False)
                killed.append(run.name)
        time.sleep(0.005)


def test_a_study_comes_to_the_same_as_here(folder, cluster, tmp_path, no_other_process):
    del no_other_process
    quick = TrainingConfig(epochs=2, batch_size=8, optimizer="sgd", learning_rate=0.1)
    study = {
        f"depth-{depth}": Experiment(spec=ModelSpec(depth=depth, width=4), training=quick)
        for depth in (1, 2)
    }
    here = run_experiments(folder, study, out=tmp_path / "here", progress=False)
    there = run_experiments(folder, study, out=tmp_path / "there", cluster=cluster.address)
    assert list(there) == list(here) == list(study)
    for name, run in there.items():
        assert run.path == tmp_path / "there" / name
        found, expected = run.evaluation.val, here[name].evaluation.val
        assert found.confusion == expected.confusion
        assert found.loss == pytest.approx(expected.loss, rel=1e-5)  # on fewer cores


def summary(improvement):
    return [
        (step.run, step.parent, step.changes, step.verdict, [idea.short_run for idea in step.ideas])
        for step in improvement.steps
    ]


def test_a_killed_node_changes_nothing_of_the_lineage(start, cluster, tmp_path):
    undisturbed = improve(start, out=tmp_path / "here", rounds=1, progress=False)
    killed, told = [], []
    killer = threading.Thread(
        target=kill_in_mid_training, args=(cluster, tmp_path / "there", killed)
    )
    killer.start()
    moved = improve(
        start, out=tmp_path / "there", rounds=1, cluster=cluster.address, tell=told.append
    )
    killer.join()
    assert summary(moved) == summary(undisturbed)
    (name,) = killed
    run = Run.load(tmp_path / "there" / name)
    (resumption,) = run.record.resumptions
    assert 2 <= resumption.after < len(run.history.epochs)
    assert any(sentence.startswith(f"The training {name} went on after") for sentence in told)
    assert [path.name for path in (tmp_path / "there").glob(".*")] == []
    assert os.environ.get("TUNE_DISABLE_SIGINT_HANDLER") is None
