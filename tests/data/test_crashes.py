"""A short form of what `benchmarks/crash_harness.py` runs in full."""

import importlib.util
import sys
from pathlib import Path

import pytest

HARNESS = Path(__file__).parents[2] / "benchmarks" / "crash_harness.py"
STRIDE = 23


@pytest.fixture(scope="module")
def harness():
    spec = importlib.util.spec_from_file_location("crash_harness", HARNESS)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def eager_journal(harness, monkeypatch):
    monkeypatch.setattr(harness.journal, "FLUSH_SECONDS", 0.0)


@pytest.fixture
def scratch(harness):
    with harness.scratch_folder() as folder:
        yield folder


def names():
    transfers = ("copy", "hardlink", "symlink", "move")
    each = [name for one in transfers for name in (one, f"update, {one}")]
    return [*each, "drop, move", "update, drop, move", "undo", "archive"]


@pytest.mark.thorough
@pytest.mark.parametrize("name", names())
def test_every_fault_that_is_tried_is_survived(harness, scratch, name):
    [scenario] = [scenario for scenario in harness.scenarios() if scenario.name == name]
    tallies = harness.try_faults(scenario, scratch, STRIDE)
    assert set(tallies) == {"kill", "power", "twice", "errno"}
    for tally in tallies.values():
        assert tally.tried >= 4
        assert not tally.failures


def test_every_scenario_is_tried(harness):
    assert [scenario.name for scenario in harness.scenarios()] == names()


def careless_move(home, files):
    """What people write: rename, and hope."""
    for path in sorted((home / "images").rglob("*.ppm")):
        target = home / "out" / path.name
        files.make_directory(str(target.parent))
        files.write_new(str(target), path.read_bytes())
        files.unlink(str(path))


@pytest.mark.thorough
def test_the_harness_finds_what_a_careless_move_loses(harness, scratch):
    scenario = harness.Scenario("careless", harness.write_images, careless_move)
    tallies = harness.try_faults(scenario, scratch, 5)  # not even every call is needed for it
    assert any("bytes were lost" in failure for failure in tallies["power"].failures)
    assert tallies["kill"].failures
    assert tallies["errno"].failures


@pytest.mark.thorough
def test_a_worker_that_is_killed_ends_the_run_cleanly_and_the_next_one_goes_on(
    tmp_path, harness, monkeypatch
):
    from imgclass.data.organize.organizer import DatasetOrganizer
    from imgclass.errors import MachineError
    from imgclass.io.workers import pool

    monkeypatch.setattr(pool, "FEWEST", 10)
    monkeypatch.setattr(pool, "CHUNK", 4)
    started = []
    start = pool._start

    def noted(lock):
        started.append(start(lock))
        return started[-1]

    monkeypatch.setattr(pool, "_start", noted)
    harness.write_images(tmp_path, range(100))

    def killing(done, _total):
        if done == 20:
            for child in started:
                child.kill()

    organize = DatasetOrganizer(val=10, test=10).organize
    place = (tmp_path / "labels.csv", tmp_path / "images", tmp_path / "out")
    with pytest.raises(MachineError, match="worker process ended"):
        organize(*place, progress=killing)
    assert not place[2].exists()
    assert sum(organize(*place).counts.values()) == 99
    assert not list(tmp_path.glob(".*"))
