import shutil

import pytest

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.organize.organizer import DatasetOrganizer

CLASSES = ("ant", "bee", "cow")
TRANSFERS = ("copy", "hardlink", "symlink", "move")


@pytest.fixture
def later(desk, photographs):
    """Thirty images, the n-th of picture n, and then others of pictures that are there."""

    def run(come, *, brighter=8, labels=None, **options):
        photographs(desk.images, {f"{i}.png": i for i in range(30)})
        organizer = DatasetOrganizer(val=6, test=6, **options)
        place = (desk.labels, desk.images, desk.root)
        organizer.organize(*place)
        photographs(desk.images, come, brighter)
        rows = {f"{i}.png": CLASSES[i % 3] for i in range(30)}
        desk.write_labels(rows | (labels or {name: CLASSES[n % 3] for name, n in come.items()}))
        return organizer.update(*place)

    return run


def splits(desk):
    return {sample.source: sample.split for sample in ImageFolder.open(desk.root).manifest.samples}


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_a_new_image_comes_into_the_split_that_has_its_picture(later, desk, transfer):
    changes = later({f"new {i}.png": i for i in range(30)}, transfer=transfer)
    assert len(changes.added) == 30
    found = splits(desk)
    assert all(found[f"new {i}.png"] == found[f"{i}.png"] for i in range(30))
    assert {(pair.a, pair.b) for pair in changes.duplicates} == {
        (f"{i}.png", f"new {i}.png") for i in range(30)
    }


def test_new_images_of_one_new_picture_come_into_one_split(later, desk):
    later({f"{name} {i}.png": 100 + i for i in range(12) for name in "abc"})
    found = splits(desk)
    for i in range(12):
        assert len({found[f"{name} {i}.png"] for name in "abc"}) == 1
    assert len({found[f"a {i}.png"] for i in range(12)}) > 1


def test_no_image_that_is_there_changes_its_split(later, desk):
    before = DatasetOrganizer(val=6, test=6)
    later({f"new {i}.png": i for i in range(30)})
    (desk.home / "first").mkdir()
    for i in range(30):
        shutil.copy(desk.images / f"{i}.png", desk.home / "first")
    desk.write_labels({f"{i}.png": CLASSES[i % 3] for i in range(30)})
    plan = before.plan(desk.labels, desk.home / "first")
    assert ImageFolder.open(desk.root).manifest.samples[:30] == plan.manifest.samples


def test_equal_files_of_one_label_are_left_out_of_an_update_too(later, desk):
    changes = later({"new 1.png": 1, "new 2.png": 2}, brighter=0, duplicates="drop")
    assert changes.added == ()
    assert [(item.source, item.kept) for item in changes.repeated] == [
        ("new 1.png", "1.png"),
        ("new 2.png", "2.png"),
    ]
    assert len(splits(desk)) == 30
    assert (desk.images / "new 1.png").is_file()


def test_a_new_image_with_another_label_than_its_picture_is_told_of(later, desk):
    changes = later({"new.png": 1}, brighter=0, duplicates="drop", labels={"new.png": "cow"})
    assert [sample.source for sample in changes.added] == ["new.png"]
    assert any("1.png (bee) and new.png (cow)" in notice for notice in changes.notices)
    assert ImageFolder.open(desk.root).left_out.duplicates == changes.duplicates


def test_a_new_image_that_bridges_two_splits_is_told_of(desk, photographs):
    photographs(desk.images, {f"{i}.png": i for i in range(30)})
    lines = [f"{i}.png,{CLASSES[i % 3]},{i}\n" for i in range(30)]
    desk.labels.write_text("id,label,scene\n" + "".join(lines), encoding="utf-8")
    organizer = DatasetOrganizer(val=6, test=6, group_column="scene")
    place = (desk.labels, desk.images, desk.root)
    held = {s.source: s.split for s in organizer.organize(*place).manifest.samples}
    scene = next(i for i in range(30) if held[f"{i}.png"] == "test")
    picture = next(i for i in range(30) if held[f"{i}.png"] == "val")
    photographs(desk.images, {"new.png": picture}, 8)
    with desk.labels.open("a") as file:
        file.write(f"new.png,cow,{scene}\n")
    changes = organizer.update(*place)
    assert [sample.split for sample in changes.added] == ["val"]
    [notice] = [text for text in changes.notices if "of several splits" in text]
    assert "'new.png'" in notice


def test_what_a_report_finds_moves_no_new_image(desk, photographs, tmp_path):
    def organized(duplicates):
        home = tmp_path / duplicates
        shutil.copytree(desk.images, home / "images")
        shutil.copy(desk.labels, home)
        organizer = DatasetOrganizer(val=6, test=6, duplicates=duplicates)
        place = (home / "labels.csv", home / "images", home / "data")
        organizer.organize(*place)
        photographs(place[1], {f"new {i}.png": i for i in range(30)}, 8)
        with place[0].open("a") as file:
            file.writelines(f"new {i}.png,{CLASSES[i % 3]}\n" for i in range(30))
        changes = organizer.update(*place)
        return {sample.source: sample.split for sample in changes.added}, changes.duplicates

    photographs(desk.images, {f"{i}.png": i for i in range(30)})
    off, report = organized("off"), organized("report")
    assert report[0] == off[0]
    assert off[1] == ()
    assert len(report[1]) == 30
