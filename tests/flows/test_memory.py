import errno
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from imgclass.errors import MachineError
from imgclass.flows import memory
from imgclass.flows.memory import allocate_bytes, available_memory, temporary_directory


def test_an_array_that_fits_is_held_in_memory():
    assert type(allocate_bytes((10, 10), available=200)) is np.ndarray


def test_an_array_of_more_than_half_of_the_free_memory_is_mapped_from_a_file():
    mapped = allocate_bytes((10, 10), available=199)
    assert isinstance(mapped, np.memmap)
    mapped[...] = 7
    assert mapped.sum() == 700


@pytest.fixture
def disk(tmp_path, monkeypatch) -> Path:
    """The folder where temporary files go."""
    monkeypatch.setattr(memory, "temporary_directory", lambda: tmp_path)
    return tmp_path


def test_the_file_has_no_name_and_its_room_is_taken_at_once(disk, monkeypatch):
    reserved = []
    monkeypatch.setattr(
        os, "posix_fallocate", lambda *given: reserved.append(given[1:]), raising=False
    )
    allocate_bytes((10, 10), available=0)
    assert reserved == [(0, 100)]
    assert not list(disk.iterdir())


def test_a_disk_without_room_is_an_error_that_says_what_to_do(disk, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 1, 99))
    with pytest.raises(MachineError) as caught:
        allocate_bytes((10, 10), available=0)
    for words in ("room for decoded images", str(disk), "set TMPDIR", "--image-size"):
        assert words in str(caught.value)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_room_that_cannot_be_reserved_is_the_same_error(disk, monkeypatch, code):
    def refuse(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "posix_fallocate", refuse, raising=False)
    with pytest.raises(MachineError, match="room for decoded images"):
        allocate_bytes((10, 10), available=0)
    assert not list(disk.iterdir())


@pytest.mark.usefixtures("disk")
def test_a_disk_that_cannot_reserve_room_is_used_all_the_same(monkeypatch):
    def refuse(*_):
        raise OSError(errno.EOPNOTSUPP, "not supported")

    monkeypatch.setattr(os, "posix_fallocate", refuse, raising=False)
    mapped = allocate_bytes((10, 10), available=0)
    mapped[...] = 3
    assert mapped.sum() == 300


def test_large_files_go_where_the_user_says_or_where_large_files_belong(tmp_path, monkeypatch):
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(memory, "_LARGE_FILES", tmp_path)
    assert temporary_directory() == tmp_path
    monkeypatch.setattr(memory, "_LARGE_FILES", tmp_path / "absent")
    assert temporary_directory().is_dir()
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert temporary_directory() == tmp_path


def test_a_system_that_does_not_say_is_trusted(monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: None)
    assert type(allocate_bytes((3,))) is np.ndarray


@pytest.fixture
def linux(tmp_path, monkeypatch) -> Path:
    """The folder of a container's limits, on a Linux with 4 kB available."""
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:  9 kB\nMemAvailable:       4 kB\n")
    monkeypatch.setattr(memory, "_MEMINFO", meminfo)
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    return tmp_path


@pytest.mark.usefixtures("linux")
def test_linux_says_how_much_memory_is_available():
    assert available_memory() == 4096


@pytest.mark.parametrize(
    ("limit", "left"), [("3000", 2000), ("max", 4096), ("9223372036854771712", 4096)]
)
@pytest.mark.parametrize("names", memory._LIMITS, ids=["version 2", "version 1"])
def test_a_container_has_what_its_limit_leaves(linux, names, limit, left):
    for name, value in zip(names, (limit, "1000"), strict=True):
        (linux / name).parent.mkdir(exist_ok=True)
        (linux / name).write_text(f"{value}\n")
    assert available_memory() == left


def test_other_systems_say_how_much_memory_there_is(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "absent")
    pages = {"SC_PHYS_PAGES": 3, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(os, "sysconf", pages.get, raising=False)
    assert available_memory() == 12288
