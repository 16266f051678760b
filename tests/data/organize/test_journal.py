import json
import signal
from types import MappingProxyType

import numpy as np
import pytest
from PIL import Image

from imgclass.data.organize import journal
from imgclass.data.organize.organizer import DatasetOrganizer
from imgclass.errors import InterruptedRunError


@pytest.fixture
def interrupted(desk, monkeypatch, intercept):
    """An organizing that was interrupted after its tenth image; its function goes on."""
    monkeypatch.setattr(journal, "FLUSH_SECONDS", 0.0)

    def interrupt(transfer, first=MappingProxyType({}), **options):
        def stopping(done, _total):
            if done == 10:
                signal.raise_signal(signal.SIGINT)

        organizer = DatasetOrganizer(val=6, test=6, transfer=transfer, **first)
        place = (desk.labels, desk.images, desk.root)
        with pytest.raises(InterruptedRunError):
            organizer.organize(*place, progress=stopping)

        def go_on():
            read = []

            def watched(function, *arguments):
                if function.__name__ == "open" and str(arguments[0]).startswith(str(desk.images)):
                    read.append(arguments[0].rpartition("/")[2])
                return function(*arguments)

            made = DatasetOrganizer(val=6, test=6, transfer=transfer, **options)
            with intercept(watched):
                return made.organize(*place), read

        return go_on

    return interrupt


@pytest.mark.parametrize("transfer", ["copy", "hardlink", "symlink"])
def test_what_was_done_is_not_done_again(interrupted, transfer):
    folder, read = interrupted(transfer, {"duplicates": "off"}, duplicates="off")()
    assert read == [f"{i}.png" for i in range(10, 30)]
    assert folder.counts == {"train": 18, "val": 6, "test": 6}


def test_a_source_that_changed_since_is_read_again(interrupted, desk):
    go_on = interrupted("copy")
    (desk.images / "3.png").write_bytes((desk.images / "4.png").read_bytes() + b"more")
    folder, read = go_on()
    assert read[0] == "3.png"
    [sample] = [sample for sample in folder.manifest.samples if sample.source == "3.png"]
    assert (folder.root / sample.path).read_bytes() == (desk.images / "3.png").read_bytes()


@pytest.mark.parametrize("transfer", ["copy", "hardlink", "symlink", "move"])
def test_what_is_one_picture_is_known_of_images_that_were_done_before(
    interrupted, desk, photographs, transfer
):
    photographs(desk.images, {"3.png": 1, "8.png": 1, "15.png": 1, "20.png": 2, "29.png": 2})
    undisturbed = DatasetOrganizer(val=6, test=6).plan(desk.labels, desk.images)
    folder, _ = interrupted(transfer)()
    assert folder.manifest == undisturbed.manifest
    assert {(pair.a, pair.b) for pair in folder.left_out.duplicates} == {
        ("3.png", "8.png"),
        ("3.png", "15.png"),
        ("8.png", "15.png"),
        ("20.png", "29.png"),
    }


@pytest.mark.parametrize("damage", ["cut", "other", "gone"])
def test_a_copy_that_is_not_whole_is_made_again(interrupted, desk, damage):
    go_on = interrupted("copy")
    [copy] = desk.home.glob(".*/**/5.png")
    if damage == "gone":
        copy.unlink()
    else:
        copy.write_bytes(copy.read_bytes()[:-9] if damage == "cut" else b"x" * copy.stat().st_size)
    folder, read = go_on()
    assert read[0] == "5.png"
    [sample] = [sample for sample in folder.manifest.samples if sample.source == "5.png"]
    assert (folder.root / sample.path).read_bytes() == (desk.images / "5.png").read_bytes()


@pytest.mark.parametrize("after", ["copy", "hardlink", "symlink", "move"])
@pytest.mark.parametrize("before", ["copy", "hardlink", "symlink", "move"])
def test_what_another_transfer_left_is_no_transfer_of_this_one(interrupted, desk, before, after):
    interrupted(before)
    folder = DatasetOrganizer(val=6, test=6, transfer=after).organize(
        desk.labels, desk.images, desk.root
    )
    for sample in folder.manifest.samples:
        path, source = folder.root / sample.path, desk.images / sample.source
        assert path.is_symlink() == (after == "symlink")
        assert source.exists() == (after != "move")
        assert path.lstat().st_nlink == (2 if after == "hardlink" else 1)


def test_a_laxer_look_is_not_believed_by_a_closer_one(interrupted):
    go_on = interrupted("copy", check_images="header")
    assert len(go_on()[1]) == 30


def test_a_line_that_was_cut_off_is_left_out(interrupted, desk):
    go_on = interrupted("copy")
    [path] = desk.home.glob(".*/journal")
    path.write_bytes(path.read_bytes()[:-20])
    assert go_on()[1] == [f"{i}.png" for i in range(9, 30)]


def test_i3_how_images_are_stored_is_said_after_an_interruption_too(interrupted, desk):
    deep = np.arange(30, dtype=np.uint16).reshape(5, 6) * 2000
    Image.fromarray(deep).save(desk.images / "3.png")
    folder, read = interrupted("copy", {"duplicates": "off"}, duplicates="off")()
    assert "3.png" not in read
    assert "1 image has more than 8 bits a sample; it is scaled to 8." in folder.left_out.notices


def test_the_journal_of_another_plan_helps_where_it_can_and_harms_nowhere(interrupted, desk):
    go_on = interrupted("copy", seed=3)
    folder, _ = go_on()
    other = DatasetOrganizer(val=6, test=6, seed=3)
    assert folder.manifest == other.plan(desk.labels, desk.images).manifest
    assert not list(desk.home.glob(".*"))


def test_a_journal_line_is_json_that_a_reader_understands(interrupted, desk):
    interrupted("copy")
    [path] = desk.home.glob(".*/journal")
    check, [entry] = json.loads(path.read_bytes().splitlines()[0])
    source, sha256, width, height, stamp, depth, has_pages = entry
    assert (source, check, depth, has_pages) == ("0.png", "full", 8, False)
    assert (len(sha256), width, height, len(stamp)) == (64, 6, 5, 4)
