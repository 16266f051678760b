import os

import pytest

from imgclass.errors import MachineError, UnsafeError, UsageError
from imgclass.io.fs import FileSystem
from imgclass.serving.bulk import PlainTable, Task, open_table

BATCH = 4
TASK = Task(model="m", columns="c", images="i", path="model.keras")
# A comma, a line break and a quote, as names of files may have them.
IMAGES = [f"{i}.jpg" for i in range(17)] + ["a,b.jpg", 'c\nd"e.jpg', "\udcff.jpg"]
UNREAD = {3, 9}


class KilledError(Exception):
    """The process ended here."""


@pytest.fixture
def table():
    return PlainTable(IMAGES, top=2)


@pytest.fixture
def write(table, tmp_path, predicted):
    """Write the table, or go on with it; `call` makes every call that writes."""

    def run(file=tmp_path / "out.csv", task=TASK, call=None):
        files = FileSystem() if call is None else FileSystem(call)
        with open_table(table, file, task, files=files) as written:
            written.keep_whole_batches(BATCH)
            rest = range(written.rows, len(IMAGES))
            shares = (None if i in UNREAD else i / 32 for i in rest)
            predictions = map(predicted, IMAGES[written.rows :], shares)
            for _ in written.write(predictions, at_once=BATCH):
                pass
        return written

    return run


@pytest.fixture
def whole(write, tmp_path):
    """The bytes of an undisturbed table."""
    write(tmp_path / "whole.csv")
    return (tmp_path / "whole.csv").read_bytes()


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def killed_at(number, half):
    """Return a call that ends at call `number`; a write then writes half of its bytes."""
    calls = 0

    def call(function, *arguments):
        nonlocal calls
        calls += 1
        if calls > number:
            raise KilledError  # nothing is done after a kill, not even tidying up
        if calls == number:
            if half and function is os.write:
                os.write(arguments[0], arguments[1][: len(arguments[1]) // 2])
            raise KilledError
        return function(*arguments)

    return call


def test_a_table_has_a_row_for_each_image_and_nothing_beside_it(write, tmp_path, whole):
    written = write()
    assert (written.rows, written.unread) == (len(IMAGES), len(UNREAD))
    assert [path for path, _ in written.named] == ["3.jpg", "9.jpg"]
    assert (tmp_path / "out.csv").read_bytes() == whole
    assert names(tmp_path) == ["out.csv", "whole.csv"]


@pytest.mark.parametrize("half", [False, True])
def test_killed_anywhere_and_run_again_gives_the_same_bytes(write, tmp_path, whole, half):
    for number in range(1, 1000):
        try:
            write(call=killed_at(number, half=half))
        except KilledError:
            written = write()
        else:
            break
        assert (tmp_path / "out.csv").read_bytes() == whole
        assert (written.rows, written.unread) == (len(IMAGES), len(UNREAD))
        assert names(tmp_path) == ["out.csv", "whole.csv"]
        (tmp_path / "out.csv").unlink()
    assert number > 30


def interrupted(write):
    with pytest.raises(KilledError):
        write(call=killed_at(40, half=False))


@pytest.mark.parametrize("field", ["model", "columns", "images"])
def test_the_table_of_another_task_is_refused_and_left_as_it_is(write, tmp_path, field):
    interrupted(write)
    before = (tmp_path / "out.csv").read_bytes()
    other = Task(**{"model": "m", "columns": "c", "images": "i", "path": "p", field: "other"})
    with pytest.raises(UnsafeError, match=r"was begun for (another model|other)"):
        write(task=other)
    assert (tmp_path / "out.csv").read_bytes() == before
    assert write().rows == len(IMAGES)


def test_rows_that_somebody_changed_are_refused(write, tmp_path):
    interrupted(write)
    file = tmp_path / "out.csv"
    file.write_bytes(file.read_bytes().replace(b"\n1.jpg", b"\nx.jpg"))
    with pytest.raises(UnsafeError, match="were changed"):
        write()


def test_a_file_that_is_there_is_never_replaced(write, tmp_path):
    (tmp_path / "out.csv").write_text("mine")
    with pytest.raises(UnsafeError, match="is left as it is"):
        write()
    assert (tmp_path / "out.csv").read_text() == "mine"
    assert names(tmp_path) == ["out.csv"]


def test_an_empty_file_is_filled(write, tmp_path, whole):
    (tmp_path / "out.csv").touch()
    write()
    assert (tmp_path / "out.csv").read_bytes() == whole


def test_a_folder_a_missing_folder_and_a_device_are_no_places_for_a_table(write, tmp_path):
    for file, reason in (
        (tmp_path, "it is a folder"),
        (tmp_path / "no" / "out.csv", "there is no folder"),
    ):
        with pytest.raises(UsageError, match=reason):
            write(file)
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(UsageError, match="is a FIFO"):
        write(tmp_path / "fifo")


def test_two_processes_do_not_write_one_table(write, table, tmp_path):
    with (
        open_table(table, tmp_path / "out.csv", TASK),
        pytest.raises(UnsafeError, match="another process is writing it"),
    ):
        write()


def test_a_full_disk_is_an_error_and_the_rows_before_it_stay(write, tmp_path, whole):
    calls = 0

    def call(function, *arguments):
        nonlocal calls
        calls += function is os.write
        if calls > 6:
            raise OSError(28, "No space left on device")
        return function(*arguments)

    with pytest.raises(MachineError, match="No space left"):
        write(call=call)
    assert write().rows == len(IMAGES)
    assert (tmp_path / "out.csv").read_bytes() == whole


def test_a_table_without_a_row_leaves_nothing_behind(table, tmp_path):
    with pytest.raises(KilledError), open_table(table, tmp_path / "out.csv", TASK):
        raise KilledError
    assert names(tmp_path) == []
