import os

import numpy as np

from imgclass.flows import memory
from imgclass.flows.memory import allocate_bytes, available_memory


def test_an_array_that_fits_is_held_in_memory():
    assert type(allocate_bytes((10, 10), available=200)) is np.ndarray


def test_an_array_of_more_than_half_of_the_free_memory_is_mapped_from_a_file():
    mapped = allocate_bytes((10, 10), available=199)
    assert isinstance(mapped, np.memmap)
    mapped[...] = 7
    assert mapped.sum() == 700


def test_a_system_that_does_not_say_is_trusted(monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: None)
    assert type(allocate_bytes((3,))) is np.ndarray


def test_linux_says_how_much_memory_is_available(tmp_path, monkeypatch):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:  9 kB\nMemAvailable:       4 kB\n")
    monkeypatch.setattr(memory, "_MEMINFO", meminfo)
    assert available_memory() == 4096


def test_other_systems_say_how_much_memory_there_is(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "absent")
    pages = {"SC_PHYS_PAGES": 3, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(os, "sysconf", pages.get, raising=False)
    assert available_memory() == 12288
