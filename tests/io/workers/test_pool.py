import collections
import os
import signal
import subprocess
import sys
import time

import pytest

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.inspection import Inspection, inspect
from imgclass.data.organize.organizer import DatasetOrganizer
from imgclass.errors import InterruptedRunError
from imgclass.io.fs import FileSystem
from imgclass.io.workers import pool
from imgclass.io.workers.pool import run_jobs
from imgclass.io.workers.progress import Steps


@pytest.fixture
def many(monkeypatch):
    """What is many, made small."""
    monkeypatch.setattr(pool, "FEWEST", 10)
    monkeypatch.setattr(pool, "CHUNK", 7)


def write_images(folder, count):
    folder.mkdir()
    for i in range(count):
        (folder / f"{i}.ppm").write_bytes(b"P6 1 1 255 " + i.to_bytes(3, "big"))


def errands(folder, count):
    return [(str(folder), "", "copy", "full", False, f"{i}.ppm", None) for i in range(count)]


@pytest.mark.usefixtures("many")
def test_results_come_in_the_order_of_the_questions(tmp_path):
    write_images(tmp_path / "images", 50)
    asked = errands(tmp_path / "images", 50)
    together = list(run_jobs(inspect, asked, files=FileSystem(), steps=Steps()))
    alone = FileSystem(call=lambda function, *arguments: function(*arguments))
    one_by_one = list(run_jobs(inspect, asked, files=alone, steps=Steps()))
    assert one_by_one == together
    assert {type(result) for result in together} == {Inspection}


@pytest.mark.usefixtures("many")
def test_the_error_of_a_job_is_raised_here_with_its_file(tmp_path):
    write_images(tmp_path / "images", 20)
    target = tmp_path / "no" / "folder.ppm"
    asked = [(f"{i}.ppm", "no/folder.ppm") for i in range(20)]
    common = (str(tmp_path / "images"), str(tmp_path), "copy", "full", False)
    with pytest.raises(FileNotFoundError) as caught:
        list(run_jobs(inspect, asked, files=FileSystem(), steps=Steps(), common=common))
    assert caught.value.filename == str(target)


@pytest.mark.usefixtures("many")
def test_a_wish_to_stop_ends_after_what_is_under_way(tmp_path):
    write_images(tmp_path / "images", 200)
    steps = Steps()
    asked = errands(tmp_path / "images", 200)
    results = run_jobs(inspect, asked, files=FileSystem(), steps=steps)
    assert next(results)[1] == 1
    steps.stopping = True
    under_way = collections.deque()
    with pytest.raises(InterruptedRunError):
        under_way.extend(results)
    assert len(under_way) < 100


@pytest.mark.usefixtures("many")
def test_what_python_ignores_in_its_search_path_is_ignored_by_children(
    tmp_path, monkeypatch
):  # R20
    write_images(tmp_path / "images", 20)
    (tmp_path / "pickle.py").write_text("raise SystemExit('the wrong pickle')")
    for junk in (tmp_path, None, os.fsencode(tmp_path), object()):
        monkeypatch.setattr(sys, "path", [junk, *sys.path])
    asked = errands(tmp_path / "images", 20)
    results = run_jobs(inspect, asked, files=FileSystem(), steps=Steps())
    assert [result[1] for result in results] == [1] * 20


def test_children_need_no_main_guard_and_take_nothing_from_the_folder_they_start_in(tmp_path):
    write_images(tmp_path / "images", 40)
    (tmp_path / "pickle.py").write_text("raise SystemExit('the wrong pickle')")
    script = tmp_path / "script" / "run.py"
    script.parent.mkdir()
    script.write_text(
        "from imgclass.io.workers import pool\n"
        "from imgclass.io.fs import FileSystem\n"
        "from imgclass.data.inspection import inspect\n"
        "from imgclass.io.workers.progress import Steps\n"
        "pool.FEWEST = 10\n"
        "print('once')\n"
        "asked = [('images', '', 'copy', 'full', False, f'{i}.ppm', None) for i in range(40)]\n"
        "found = pool.run_jobs(inspect, asked, files=FileSystem(), steps=Steps())\n"
        "print(sum(result[1] for result in found))\n"
    )
    ended = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert ended.stdout.split() == ["once", "40"]
    assert not ended.stderr


@pytest.mark.thorough
def test_a_run_that_is_killed_takes_its_children_along_and_the_next_one_goes_on(tmp_path):
    write_images(tmp_path / "images", 3_000)
    rows = "".join(f"{i},{'ab'[i % 2]}\n" for i in range(3_000))
    (tmp_path / "labels.csv").write_text("id,label\n" + rows)
    code = (
        "from imgclass.data.organize.organizer import DatasetOrganizer\n"
        "def tell(done, total):\n"
        "    if done == 400: print('on the way', flush=True)\n"
        "DatasetOrganizer().organize('labels.csv', 'images', 'data', progress=tell)\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdout.readline() == b"on the way\n"
    os.kill(running.pid, signal.SIGKILL)
    began = time.monotonic()
    _, errors = running.communicate()
    assert not errors
    assert time.monotonic() - began < 20
    folder = DatasetOrganizer().organize(
        tmp_path / "labels.csv", tmp_path / "images", tmp_path / "data"
    )
    assert ImageFolder.open(tmp_path / "data") == folder
    assert folder.counts == {"train": 2400, "val": 300, "test": 300}
    assert not list(tmp_path.glob(".*"))
