"""A watched command's time, memory and stages are those that it had."""

import sys

import pytest

# Holds 80 MB in a child, and writes the stages of a run.
SCRIPT = """
import json, pathlib, subprocess, sys, time
run = pathlib.Path(sys.argv[1])
hold = "import time; x = b'1' * 80_000_000; time.sleep(0.7)"
child = subprocess.Popen([sys.executable, "-c", hold])
for stage in ("preparing", "training", "done"):
    (run / "run.json").write_text(json.dumps({"stage": stage}))
    time.sleep(0.3)
child.wait()
print("ended")
"""


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_time_memory_of_children_and_stages_are_seen_from_outside(benchmark, tmp_path):
    commands = benchmark("commands")
    outcome = commands.run_command([sys.executable, "-c", SCRIPT, tmp_path], run_dir=tmp_path)
    assert outcome.output == "ended\n"
    assert outcome.seconds >= 0.9
    assert outcome.peak_mb > 80
    assert list(outcome.stages) == ["start", "preparing", "training", "report"]
    assert sum(outcome.stages.values()) == pytest.approx(outcome.seconds)


def test_a_command_that_fails_is_named_with_its_error(benchmark):
    commands = benchmark("commands")
    with pytest.raises(SystemExit, match=r"(?s)Expected to run: .*no such thing"):
        commands.run_command([sys.executable, "-c", "raise OSError('no such thing')"])
