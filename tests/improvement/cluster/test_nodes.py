import pytest

from imgclass.errors import MachineError
from imgclass.improvement.cluster.nodes import (
    Look,
    faults_of_node,
    places,
    share_of_a_trial,
    versions,
)
from imgclass.io.fs import FileSystem
from imgclass.io.lock import held_lock


@pytest.fixture
def look(tmp_path):
    mark, lock = tmp_path / ".shared-1", tmp_path / ".lock"
    mark.write_text("secret")
    with held_lock(str(lock), FileSystem()):
        yield Look(mark, "secret", lock, (tmp_path,))


def test_a_node_like_this_machine_has_no_fault(look, tmp_path):
    assert faults_of_node(look, versions()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", ".shared-1"]


def test_another_version_is_named(look):
    (fault,) = faults_of_node(look, {**versions(), "keras": "2.0"})
    assert fault.startswith("Expected keras 2.0, as where the command was given; it has 3.")


def test_another_folder_of_the_same_name_is_told_apart(look):
    look.mark.write_text("other")
    (fault,) = faults_of_node(look, versions())
    assert "to be the same on all nodes" in fault


def test_a_data_set_that_is_not_there_is_named(look, tmp_path):
    missing = Look(look.mark, look.text, look.lock, (tmp_path / "data",))
    (fault,) = faults_of_node(missing, versions())
    assert fault.startswith(f"Expected {tmp_path / 'data'}, as where")


def test_a_lock_that_is_not_seen_is_a_fault(look, tmp_path):
    free = Look(look.mark, look.text, tmp_path / "free", look.paths)
    (fault,) = faults_of_node(free, versions())
    assert "to hold on all nodes" in fault


def test_a_trial_takes_a_small_node_whole_or_a_gpu_with_its_part_of_the_cores():
    assert share_of_a_trial([{"CPU": 2.0}, {"CPU": 8.0}, {"memory": 1.0}]) == {"cpu": 2.0}
    assert share_of_a_trial([{"CPU": 8.0, "GPU": 2.0}, {"CPU": 2.0}]) == {"cpu": 4, "gpu": 1}


def test_a_cluster_without_processors_is_refused():
    with pytest.raises(MachineError, match="no node of it has any"):
        share_of_a_trial([])


def test_gpus_are_places_even_where_they_outnumber_the_cores():
    assert places([{"CPU": 2.0, "GPU": 4.0}]) == 4
    assert places([{"CPU": 8.0, "GPU": 2.0}, {"CPU": 8.0}]) == 2
    with pytest.raises(MachineError, match="Expected a cluster with processors or GPUs"):
        places([])
