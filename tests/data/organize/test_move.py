import os
import signal

import pytest

from imgclass.data.organize.move import undo
from imgclass.data.organize.organizer import DatasetOrganizer
from imgclass.errors import DatasetError, InterruptedRunError, UnsafeError, UsageError

MOVE = DatasetOrganizer(val=6, test=6, transfer="move")


@pytest.fixture
def moved(desk, snapshot):
    """A moved data set of a tree of images, and what the images were before."""
    desk.write({f"{i % 4}/x{i}.png" if i % 2 else f"x{i}.png": "ab"[i // 4 % 2] for i in range(40)})
    before = snapshot(desk.images)
    organizer = DatasetOrganizer(val=6, test=6, transfer="move", ignore_unlabelled=True)
    times = {path.name: path.stat().st_mtime_ns for path in desk.images.rglob("x*.png")}
    organizer.organize(desk.labels, desk.images, desk.root)
    return before, times


def test_every_image_is_back_where_it_was_with_its_bytes_and_time(desk, moved, snapshot):
    before, times = moved
    assert snapshot(desk.images) != before
    assert undo(desk.root) == desk.images
    assert snapshot(desk.images) == before
    after = {path.name: path.stat().st_mtime_ns for path in desk.images.rglob("x*.png")}
    assert after == times
    assert sorted(path.name for path in desk.home.iterdir()) == ["images", "labels.csv"]


def test_a_folder_of_images_that_is_gone_is_made_again(desk, snapshot):
    before = snapshot(desk.images)
    MOVE.organize(desk.labels, desk.images, desk.root)
    desk.images.rmdir()
    undo(desk.root)
    assert snapshot(desk.images) == before


def test_what_was_undone_can_be_moved_again_with_the_same_outcome(desk, snapshot):
    MOVE.organize(desk.labels, desk.images, desk.root)
    before = snapshot(desk.root)
    undo(desk.root)
    MOVE.organize(desk.labels, desk.images, desk.root)
    assert snapshot(desk.root) == before


@pytest.mark.usefixtures("moved")
def test_another_file_in_the_way_is_named_and_nothing_is_changed(desk, snapshot):
    (desk.images / "x0.png").write_bytes(b"newer")
    before = snapshot(desk.home)
    with pytest.raises(UnsafeError, match=r"1 cannot be.*\n.*'x0\.png': another file is there"):
        undo(desk.root)
    assert snapshot(desk.home) == before


@pytest.mark.usefixtures("moved")
def test_an_image_that_changed_in_the_data_set_is_named_and_nothing_is_changed(desk, snapshot):
    next(desk.root.rglob("x0.png")).write_bytes(b"edited")
    before = snapshot(desk.home)
    with pytest.raises(UnsafeError, match=r"'x0\.png': it has changed in the data set"):
        undo(desk.root)
    assert snapshot(desk.home) == before


@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize("name", ["notes.txt", ".hidden", "train/a/.notes"])
def test_a_data_set_with_other_things_in_it_is_kept(desk, snapshot, name):
    (desk.root / name).write_bytes(b"mine")
    before = snapshot(desk.home)
    with pytest.raises(UnsafeError, match=r"also there: .*" + name.rpartition("/")[2]):
        undo(desk.root)
    assert snapshot(desk.home) == before


@pytest.mark.usefixtures("moved")
def test_a_missing_image_is_named_and_nothing_is_changed(desk, snapshot):
    next(desk.root.rglob("x0.png")).unlink()
    before = snapshot(desk.home)
    with pytest.raises(DatasetError, match=r"not there: .*x0\.png"):
        undo(desk.root)
    assert snapshot(desk.home) == before


@pytest.mark.parametrize("transfer", ["copy", "hardlink", "symlink"])
def test_only_a_move_is_undone(desk, snapshot, transfer):
    DatasetOrganizer(val=6, test=6, transfer=transfer).organize(desk.labels, desk.images, desk.root)
    before = snapshot(desk.home)
    with pytest.raises(UsageError, match=f"was made by {transfer}"):
        undo(desk.root)
    assert snapshot(desk.home) == before


def test_where_there_is_no_data_set_there_is_nothing_to_undo(desk):
    with pytest.raises(DatasetError, match="there is none"):
        undo(desk.root)


def test_an_interrupted_undoing_is_finished_by_the_same_call(desk, moved, snapshot):
    before, _ = moved

    def interrupting(done, _total):
        if done == 7:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(InterruptedRunError, match="same command goes on"):
        undo(desk.root, progress=interrupting)
    assert desk.root.exists()
    undo(desk.root)
    assert snapshot(desk.images) == before
    assert not desk.root.exists()


@pytest.mark.usefixtures("moved")
def test_a_copy_that_is_damaged_on_its_way_back_keeps_the_data_set(desk, intercept):
    def damaging(function, *arguments):
        result = function(*arguments)
        if function is os.rename and arguments[1].endswith("/x2.png"):
            (desk.images / "x2.png").write_bytes(b"damaged")
        return result

    with pytest.raises(UnsafeError, match=r"'x2\.png' to be read back"), intercept(damaging):
        undo(desk.root)
    assert next(desk.root.rglob("x2.png")).exists()
