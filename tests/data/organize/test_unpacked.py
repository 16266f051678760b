import shutil
import zipfile

import pytest

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.organize.organizer import DatasetOrganizer
from imgclass.errors import (
    DatasetError,
    InterruptedRunError,
    LabelsError,
    MachineError,
    UnsafeError,
    UsageError,
)

ORGANIZER = DatasetOrganizer(val=4, test=4)


@pytest.fixture
def pack(tmp_path, png):
    """Packs 20 images of each of two classes, in a folder or not, and other files."""

    def pack(name="photos.zip", *, within="", **others: str):
        root = tmp_path / "source"
        for rank, label in enumerate(("ant", "bee")):
            place = root / within / label
            place.mkdir(parents=True)
            for i in range(20):
                (place / f"{i}.png").write_bytes(png(256 * rank + i))
        for file, text in others.items():
            (root / within / file.replace("_csv", ".csv")).write_text(text)
        kind = {"zip": "zip", "tar": "tar", "gz": "gztar"}[name.rpartition(".")[2]]
        made = shutil.make_archive(str(tmp_path / "made"), kind, root)
        shutil.move(made, tmp_path / name)
        shutil.rmtree(root)
        return tmp_path / name

    return pack


def left(tmp_path):
    return sorted(path.name for path in tmp_path.iterdir())


@pytest.mark.parametrize("name", ["photos.zip", "photos.tar", "photos.tar.gz"])
@pytest.mark.parametrize("within", ["", "photos/all"])
def test_an_archive_of_class_folders_is_organized_and_nothing_else_is_left(
    pack, tmp_path, name, within
):
    archive = pack(name, within=within)
    folder = ORGANIZER.organize(None, archive, tmp_path / "data")
    assert folder.counts == {"train": 32, "val": 4, "test": 4}
    assert {sample.source.partition("/")[0] for sample in folder.manifest.samples} == {"ant", "bee"}
    assert left(tmp_path) == ["data", name]
    assert f"'{name}', which was unpacked" in folder.left_out.notices[0]
    assert ORGANIZER.organize(None, archive, tmp_path / "data").manifest == folder.manifest


def test_a_table_in_the_archive_is_found(pack, tmp_path):
    rows = [f"{label}/{i},{label}{i % 2}" for label in ("ant", "bee") for i in range(20)]
    archive = pack(train_csv="id,label\n" + "\n".join(rows))
    folder = ORGANIZER.organize(None, archive, tmp_path / "data")
    assert folder.class_names == ("ant0", "ant1", "bee0", "bee1")


def test_a_table_beside_the_archive_is_matched_with_it(pack, tmp_path):
    rows = [f"photos/{label}/{i}.png,{label}" for label in ("ant", "bee") for i in range(20)]
    (tmp_path / "labels.csv").write_text("id,label\n" + "\n".join(rows))
    archive = pack(within="photos")
    folder = ORGANIZER.organize(tmp_path / "labels.csv", archive, tmp_path / "data")
    assert sum(folder.counts.values()) == 40


def test_a_plan_unpacks_elsewhere_and_leaves_nothing(pack, tmp_path):
    archive = pack()
    assert ORGANIZER.plan(None, archive).counts == {"train": 32, "val": 4, "test": 4}
    assert left(tmp_path) == ["photos.zip"]


def test_hard_links_stay_when_what_was_unpacked_is_removed(pack, tmp_path):
    archive = pack()
    linking = DatasetOrganizer(val=4, test=4, transfer="hardlink")
    folder = linking.organize(None, archive, tmp_path / "data")
    assert ImageFolder.open(folder.root) == folder
    assert all(path.stat().st_nlink == 1 for path in folder.paths("train"))


@pytest.mark.parametrize("transfer", ["move", "symlink"])
def test_what_is_removed_at_the_end_cannot_be_moved_or_linked(pack, tmp_path, transfer):
    with pytest.raises(UsageError, match="copy or hardlink for an archive"):
        DatasetOrganizer(transfer=transfer).organize(None, pack(), tmp_path / "data")


def test_a_newer_archive_updates_the_data_set(pack, tmp_path, png):
    archive = pack()
    before = ORGANIZER.organize(None, archive, tmp_path / "data")
    with zipfile.ZipFile(archive, "a") as packed:
        packed.writestr("ant/new.png", png(999))
    changes = ORGANIZER.update(None, archive, tmp_path / "data")
    assert [sample.source for sample in changes.added] == ["ant/new.png"]
    assert ImageFolder.open(tmp_path / "data").manifest.samples[:40] == before.manifest.samples


def test_what_a_killed_call_left_is_replaced(pack, tmp_path):
    archive = pack()
    old = tmp_path / ".data.unpacked" / "images" / "cow"
    old.mkdir(parents=True)
    (old / "1.png").write_bytes(b"")
    folder = ORGANIZER.organize(None, archive, tmp_path / "data")
    assert folder.class_names == ("ant", "bee")
    assert left(tmp_path) == ["data", "photos.zip"]


def test_a_folder_of_the_users_in_its_place_is_left_alone(pack, tmp_path):
    archive = pack()
    (tmp_path / ".data.unpacked").mkdir()
    (tmp_path / ".data.unpacked" / "mine").write_text("x")
    with pytest.raises(UnsafeError, match=r"it holds 'mine'"):
        ORGANIZER.organize(None, archive, tmp_path / "data")
    assert (tmp_path / ".data.unpacked" / "mine").read_text() == "x"


def test_an_archive_that_cannot_be_used_leaves_nothing(pack, tmp_path):
    archive = pack()
    archive.write_bytes(archive.read_bytes()[:1000])
    with pytest.raises(DatasetError, match="Expected a sound archive"):
        ORGANIZER.organize(None, archive, tmp_path / "data")
    assert left(tmp_path) == ["photos.zip"]


def test_labels_that_do_not_match_leave_nothing(pack, tmp_path):
    archive = pack()
    with pytest.raises(LabelsError):
        ORGANIZER.organize((["x", "y"], ["a", "b"]), archive, tmp_path / "data")
    assert left(tmp_path) == ["photos.zip"]


def test_a_full_disk_is_the_machines_matter_and_the_next_call_succeeds(pack, tmp_path, intercept):
    import errno
    import os

    archive = pack()
    calls = 0

    def failing(function, *arguments):
        nonlocal calls
        calls += function is os.write
        if calls == 20:
            calls += 1
            raise OSError(errno.ENOSPC, "No space left on device")
        return function(*arguments)

    with (
        intercept(failing),
        pytest.raises(MachineError, match="or make room, or unpack it yourself"),
    ):
        ORGANIZER.organize(None, archive, tmp_path / "data")
    assert left(tmp_path) == ["photos.zip"]
    assert sum(ORGANIZER.organize(None, archive, tmp_path / "data").counts.values()) == 40


def test_ctrl_c_while_unpacking_leaves_nothing(pack, tmp_path, intercept):
    import os

    archive = pack()
    calls = 0

    def interrupting(function, *arguments):
        nonlocal calls
        calls += 1
        if calls == 60:
            os.kill(os.getpid(), 2)
        return function(*arguments)

    with intercept(interrupting), pytest.raises(InterruptedRunError, match=r"while .* unpacked"):
        ORGANIZER.organize(None, archive, tmp_path / "data")
    assert left(tmp_path) == ["photos.zip"]
