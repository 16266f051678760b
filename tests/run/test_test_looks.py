import os
from threading import Thread

import pytest

from imgclass.io.fs import FileSystem
from imgclass.run import directory
from imgclass.run.test_looks import FILE, Looks, read_looks, record_look


@pytest.fixture
def places(tmp_path):
    made = [tmp_path / name for name in "abc"]
    for place in made:
        place.mkdir()
    return made


def test_a_look_at_several_runs_is_one_look_and_stands_in_each(places):
    assert record_look(places).count == 1
    [look] = read_looks(places[0])
    assert (look.runs, [look]) == (3, list(read_looks(places[2])))


def test_looks_at_any_of_the_runs_are_counted_once_each(places):
    a, b, c = places
    record_look([a, b])
    record_look([b])
    record_look([c])
    assert record_look([a, b]).count == 3
    assert record_look([c]).count == 2


def test_only_a_second_look_is_warned_of():
    assert Looks(1).warning == ""
    assert "2 times" in Looks(2).warning
    assert "too high" in Looks(2).warning


def test_a_line_that_was_cut_off_is_passed_over_and_the_next_one_is_whole(places):
    place = places[0]
    record_look([place])
    record_look([place])
    file = place / FILE
    file.write_bytes(file.read_bytes()[:-20])
    assert len(read_looks(place)) == 1
    assert record_look([place]).count == 2
    assert len(read_looks(place)) == 2


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\xff\xfe\n", b"[1]\n", b"{" * 900 + b"\n", b'{"id": 7}\n']
)
def test_what_is_no_look_is_passed_over(places, content):
    (places[0] / FILE).write_bytes(content)
    assert record_look(places[:1]) == Looks(1)
    assert len(read_looks(places[0])) == 1


def test_looks_of_processes_at_the_same_time_are_all_kept(places):
    threads = [Thread(target=record_look, args=(places,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_looks(places[1])) == 20


def test_a_look_that_is_added_while_another_process_makes_the_file_is_kept(places, monkeypatch):
    record_look(places[:1])
    file = places[0] / FILE
    earlier = file.read_bytes()
    file.unlink()

    def interrupted(function, *arguments):
        if function is os.write and earlier not in file.read_bytes():
            with file.open("ab") as opened:
                opened.write(earlier)
        return function(*arguments)

    monkeypatch.setattr(directory, "FILES", FileSystem(interrupted))
    record_look(places[:1])
    assert len(read_looks(places[0])) == 2


def test_a_directory_that_is_not_there_is_named_and_no_error(places, tmp_path):
    found = record_look([places[0], tmp_path / "none"])
    assert found.count == 1
    [(path, reason)] = found.unrecorded
    assert (path, reason) == (tmp_path / "none", "No such file or directory")
    assert len(read_looks(places[0])) == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root writes everywhere")
def test_a_directory_that_cannot_be_written_to_is_named_and_no_error(places):
    places[0].chmod(0o500)
    assert record_look(places).unrecorded == ((places[0], "Permission denied"),)


def test_a_failing_disk_is_named_and_no_error(places, monkeypatch):
    def fail(function, *arguments):
        if function is os.write:
            raise OSError(28, "No space left on device")
        return function(*arguments)

    from imgclass.io.fs import FileSystem

    monkeypatch.setattr("imgclass.run.directory.FILES", FileSystem(fail))
    assert record_look(places[:1]).unrecorded == ((places[0], "No space left on device"),)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("target", ["outside", "missing"])
def test_nothing_is_written_through_a_link(places, tmp_path, target):
    (tmp_path / "outside").write_text("mine\n")
    (places[0] / FILE).symlink_to(tmp_path / target)
    found = record_look(places[:1])
    assert found.unrecorded
    assert (tmp_path / "outside").read_text() == "mine\n"
    assert not (tmp_path / "missing").exists()


@pytest.mark.skipif(os.name == "nt", reason="FIFOs")
def test_a_fifo_and_a_file_too_large_are_left_alone(places):
    os.mkfifo(places[0] / FILE)
    (places[1] / FILE).touch()
    os.truncate(places[1] / FILE, 2**40)
    reasons = [reason for _, reason in record_look(places).unrecorded]
    assert len(reasons) == 2
    assert "not a regular file" in reasons[0]
    assert "bytes" in reasons[1]
