"""Organizing what has no table of its own: class folders, metadata in the folder, downloads."""

import shutil

import pytest

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.organize.move import undo
from imgclass.data.organize.organizer import DatasetOrganizer
from imgclass.errors import DatasetError, LabelsError, UnsafeError


@pytest.fixture
def photos(tmp_path, png):
    """A tree of 20 images of each of two classes."""
    return fill(tmp_path / "photos", png)


def fill(root, png, first=0, number=20):
    for rank, label in enumerate(("ant", "bee")):
        (root / label).mkdir(parents=True, exist_ok=True)
        for i in range(first, first + number):
            (root / label / f"{i}.png").write_bytes(png(256 * rank + i))
    return root


@pytest.fixture
def flat(tmp_path, png):
    """Twenty images in a folder."""
    root = tmp_path / "flat"
    root.mkdir()
    for i in range(20):
        (root / f"{i}.png").write_bytes(png(i))
    return root


def rows(number=20, prefix=""):
    return "".join(f"{prefix}{i}.png,{'cat' if i % 2 else 'dog'}\n" for i in range(number))


def organize(images, root, labels=None, **options):
    return DatasetOrganizer(**{"val": 4, "test": 4} | options).organize(labels, images, root)


def test_i1_a_tree_is_organized_with_its_names(photos, tmp_path):
    folder = organize(photos, tmp_path / "data")
    assert folder.counts == {"train": 32, "val": 4, "test": 4}
    assert folder.class_names == ("ant", "bee")
    sources = {sample.path: sample.source for sample in folder.manifest.samples}
    assert all(path.split("/", 1)[1] == source for path, source in sources.items())
    assert folder.left_out.notices == ("The folders are the classes.",)
    assert ImageFolder.open(tmp_path / "data") == folder


def test_i1_copies_stay_in_one_split(photos, tmp_path):
    for i in range(6):
        shutil.copy(photos / "ant" / "0.png", photos / "ant" / f"copy{i}.png")
    folder = organize(photos, tmp_path / "data")
    assert "7 images show 1 picture" in " ".join(folder.left_out.notices).replace(
        "pictures", "picture"
    )
    same = [s.split for s in folder.manifest.samples if s.source.startswith(("ant/copy", "ant/0."))]
    assert len(same) == 7
    assert len(set(same)) == 1


def test_what_lies_deeper_in_a_class_folder_keeps_apart(photos, tmp_path):
    (photos / "ant" / "2024").mkdir()
    shutil.copy(photos / "bee" / "1.png", photos / "ant" / "2024" / "0.png")
    folder = organize(photos, tmp_path / "data", duplicates="off")
    names = {s.path.rpartition("/")[2] for s in folder.manifest.samples if s.label == "ant"}
    assert {"0.png", "2024%2F0.png"} <= names


def test_a_second_call_finds_it_done_and_another_plan_is_refused(photos, tmp_path, snapshot):
    organize(photos, tmp_path / "data")
    before = snapshot(tmp_path)
    organize(photos, tmp_path / "data")
    assert snapshot(tmp_path) == before
    with pytest.raises(UnsafeError, match="seed was 0 and is 1"):
        organize(photos, tmp_path / "data", seed=1)


def test_a_tree_that_grows_is_updated(photos, tmp_path, png):
    before = organize(photos, tmp_path / "data")
    fill(photos, png, first=20, number=5)
    changes = DatasetOrganizer(val=4, test=4).update(None, photos, tmp_path / "data")
    assert len(changes.added) == 10
    after = ImageFolder.open(tmp_path / "data")
    assert after.manifest.samples[:40] == before.manifest.samples


def test_a_tree_that_was_moved_is_found_done_grows_and_comes_back(photos, tmp_path, png, snapshot):
    before = snapshot(photos)
    organize(photos, tmp_path / "data", transfer="move")
    assert not [path for path in photos.rglob("*") if path.is_file()]
    organize(photos, tmp_path / "data", transfer="move")
    fill(photos, png, first=20, number=1)
    mover = DatasetOrganizer(val=4, test=4, transfer="move")
    changes = mover.update(None, photos, tmp_path / "data")
    assert (len(changes.added), changes.removed) == (2, ())
    undo(tmp_path / "data")
    assert before.items() <= snapshot(photos).items()


def test_i2_the_splits_of_a_tree_are_kept_and_val_is_split_off(tmp_path, png):
    fill(tmp_path / "photos" / "Train", png)
    fill(tmp_path / "photos" / "Testing", png, first=100, number=5)
    folder = organize(tmp_path / "photos", tmp_path / "data", val=0.1)
    assert folder.counts == {"train": 36, "val": 4, "test": 10}
    assert folder.left_out.notices == (
        "The folders are the splits and classes.",
        "'Train' is read as train; 'Testing' is read as test.",
        "val is split off train: 10 %.",
    )
    assert all(s.path.count("/") == 2 and "%" not in s.path for s in folder.manifest.samples)


def test_new_images_of_a_tree_with_splits_stay_in_their_split(tmp_path, png):
    photos = tmp_path / "photos"
    fill(photos / "train", png)
    fill(photos / "test", png, first=100, number=10)
    organize(photos, tmp_path / "data", val=0.5)
    fill(photos / "train", png, first=20, number=20)
    fill(photos / "test", png, first=120, number=3)
    changes = DatasetOrganizer(val=0.5, test=4).update(None, photos, tmp_path / "data")
    added = [(sample.source.partition("/")[0], sample.split) for sample in changes.added]
    assert added.count(("test", "test")) == 6
    assert {("train", "train"), ("train", "val")} == set(added) - {("test", "test")}


def test_i5_new_rows_of_a_table_with_splits_keep_theirs(flat, tmp_path, png):
    table = tmp_path / "labels.csv"
    splits = ["train"] * 12 + ["val"] * 4 + ["test"] * 4
    lines = [line + f",{split}" for line, split in zip(rows().split(), splits, strict=True)]
    table.write_text("\n".join(["id,label,split", *lines]))
    folder = organize(flat, tmp_path / "data", table)
    assert folder.counts == {"train": 12, "val": 4, "test": 4}
    for i in range(20, 23):
        (flat / f"{i}.png").write_bytes(png(i))
    lines += [f"{20 + i}.png,cat,{split}" for i, split in enumerate(("train", "val", "test"))]
    table.write_text("\n".join(["id,label,split", *lines]))
    changes = DatasetOrganizer(val=4, test=4).update(table, flat, tmp_path / "data")
    assert [sample.split for sample in changes.added] == ["train", "val", "test"]


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        pytest.param("file_name,label\n" + rows(), "metadata.csv", id="csv"),
        pytest.param(
            "".join(f'{{"file_name": "{i}.png", "label": {i % 2}}}\n' for i in range(20)),
            "metadata.jsonl",
            id="jsonl",
        ),
    ],
)
def test_metadata_of_hugging_face_is_recognised(flat, tmp_path, labels, name):
    (flat / name).write_text(labels)
    folder = organize(flat, tmp_path / "data")
    assert sum(folder.counts.values()) == 20
    assert folder.left_out.notices == (f"Labels are read from '{name}'.",)


@pytest.mark.parametrize("where", ["in each split", "above the splits"])
def test_metadata_of_hugging_face_gives_the_splits_by_folders(tmp_path, png, where):
    root = tmp_path / "photos"
    for split, numbers in (("train", range(12)), ("test", range(20, 24))):
        (root / split).mkdir(parents=True)
        lines = []
        for i in numbers:
            (root / split / f"{i}.png").write_bytes(png(i))
            lines.append(f"{i}.png,{'cat' if i % 2 else 'dog'}\n")
        if where == "in each split":
            (root / split / "metadata.csv").write_text("file_name,label\n" + "".join(lines))
        else:
            with (root / "metadata.csv").open("a") as file:
                file.write("" if file.tell() else "file_name,label\n")
                file.writelines(f"{split}/{line}" for line in lines)
    folder = organize(root, tmp_path / "data", val=4)
    assert folder.counts == {"train": 8, "val": 4, "test": 4}


def competition(root, png):
    """A download as competitions have it: a table, images, and an example of a submission."""
    for folder, numbers in (("train_images", range(20)), ("test_images", range(50, 55))):
        (root / folder).mkdir(parents=True)
        for i in numbers:
            (root / folder / f"{i}.png").write_bytes(png(i))
    (root / "train.csv").write_text("image_id,label\n" + rows())
    test = "".join(f"{i}.png,cat\n" for i in range(50, 55))
    (root / "sample_submission.csv").write_text("image_id,label\n" + test)
    (root / "test.csv").write_text("image_id\n50.png\n")
    return root


def test_the_one_table_in_a_folder_whose_rows_have_images_is_found(tmp_path, png):
    root = competition(tmp_path / "download", png)
    with pytest.raises(
        LabelsError, match=r"(?s)train\.csv.*test_images/50\.png.*--ignore-unlabelled"
    ):
        organize(root, tmp_path / "data")
    folder = organize(root, tmp_path / "data", ignore_unlabelled=True)
    assert sum(folder.counts.values()) == 20
    assert "Labels are read from 'train.csv'." in folder.left_out.notices
    assert len(folder.left_out.images_without_row) == 5


def test_a_table_in_the_folder_can_be_named_from_outside(tmp_path, png):
    root = competition(tmp_path / "download", png)
    folder = organize(root, tmp_path / "data", "train.csv", ignore_unlabelled=True)
    assert sum(folder.counts.values()) == 20


def test_several_tables_that_fit_are_named_with_the_command_that_chooses(flat, tmp_path):
    for name in ("a.csv", "b.csv"):
        (flat / name).write_text("id,label\n" + rows())
    with pytest.raises(LabelsError, match=r"'a.csv', 'b.csv' fit.*imgclass organize a.csv .*flat"):
        organize(flat, tmp_path / "data")


def test_where_no_table_fits_the_reason_of_each_is_said(flat, tmp_path):
    (flat / "a.csv").write_text("id,label\nx,cat\ny,dog\n")
    (flat / "b.csv").write_text("code,what,where\n1,2,3\n")
    with pytest.raises(LabelsError) as error:
        organize(flat, tmp_path / "data")
    assert "a.csv: 0 of its 2 rows have an image of their own in this folder" in str(error.value)
    assert "b.csv: no column clearly holds the ids" in str(error.value)


def test_a_folder_of_images_without_any_label_says_what_is_expected(flat, tmp_path):
    with pytest.raises(DatasetError, match="20 images outside of class folders"):
        organize(flat, tmp_path / "data")


def test_class_folders_that_some_file_systems_confuse_are_refused(photos, tmp_path):
    shutil.copytree(photos / "ant", photos / "ANT")
    with pytest.raises(DatasetError, match="'ANT' and 'ant'"):
        organize(photos, tmp_path / "data")


def test_lists_and_data_frames_are_organized_and_known_again(flat, tmp_path):
    import pandas as pd

    ids, labels = [f"{i}.png" for i in range(20)], ["cat", "dog"] * 10
    first = organize(flat, tmp_path / "a", (ids, labels))
    frame = pd.DataFrame({"path": ids, "label": labels})
    second = organize(flat, tmp_path / "b", frame)
    assert first.manifest == second.manifest
    moved = organize(flat, tmp_path / "c", (ids, labels), transfer="move")
    assert organize(flat, tmp_path / "c", (ids, labels), transfer="move").manifest == moved.manifest
    with pytest.raises(UnsafeError, match="the labels have changed"):
        organize(flat, tmp_path / "c", (ids, labels[::-1]), transfer="move")


def test_i9_a_row_whose_file_needs_an_absent_extra_is_named_with_it(flat, tmp_path, monkeypatch):
    monkeypatch.setattr("imgclass.images.extras.is_installed", lambda _: False)
    header = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
    (flat / "IMG_20.HEIC").write_bytes(header + bytes(100))
    (tmp_path / "labels.csv").write_text("id,label\n" + rows() + "IMG_20,cat\n")
    with pytest.raises(
        LabelsError, match=r"'IMG_20.HEIC' is a HEIF image.*pip install 'imgclass-keras\[heif\]'"
    ):
        organize(flat, tmp_path / "data", tmp_path / "labels.csv")


@pytest.fixture
def lists(flat):
    """A table for each split, and the images of all in one folder."""
    header, lines = "id,label\n", rows().split()
    for name, part in (("train", lines[:12]), ("val", lines[12:16]), ("test", lines[16:])):
        (flat / f"{name}_labels.csv").write_text(header + "\n".join(part))
    return flat


def test_a_table_for_each_split_gives_the_splits(lists, tmp_path):
    folder = organize(lists, tmp_path / "data")
    assert folder.counts == {"train": 12, "val": 4, "test": 4}
    assert folder.left_out.notices == (
        "Labels are read from 'test_labels.csv', 'train_labels.csv', 'val_labels.csv'.",
        "The names of the tables give the splits.",
    )


def test_tables_whose_images_were_moved_are_known_again(lists, tmp_path):
    moved = organize(lists, tmp_path / "data", transfer="move")
    assert organize(lists, tmp_path / "data", transfer="move").manifest == moved.manifest
    with (lists / "val_labels.csv").open("a") as file:
        file.write("\n20.png,cat")
    with pytest.raises(UnsafeError, match="the labels have changed"):
        organize(lists, tmp_path / "data", transfer="move")


def test_an_image_in_two_tables_is_a_contradiction(lists, tmp_path):
    with (lists / "val_labels.csv").open("a") as file:
        file.write("\n0.png,dog")
    with pytest.raises(LabelsError, match=r"'0.png' is in the splits 'train_labels.csv' and 'val"):
        organize(lists, tmp_path / "data")


def test_a_table_of_few_images_does_not_count_before_class_folders(photos, tmp_path):
    (photos / "favourites.csv").write_text("id,label\nant/1,good\nbee/2,bad\n")
    folder = organize(photos, tmp_path / "data")
    assert folder.class_names == ("ant", "bee")
    assert "'favourites.csv' has rows for 5 % of the images and is not used" in " ".join(
        folder.left_out.notices
    )


def test_a_table_of_most_images_counts_before_the_folders_that_hold_them(photos, tmp_path):
    rows = [f"{label}/{i},kind {i % 3}" for label in ("ant", "bee") for i in range(20)]
    (photos / "labels.csv").write_text("\n".join(["id,label", *rows]))
    assert organize(photos, tmp_path / "data").class_names == ("kind 0", "kind 1", "kind 2")


def test_of_many_tables_only_the_uppermost_are_tried(flat, tmp_path, monkeypatch):
    monkeypatch.setattr("imgclass.data.labels.found_tables.MOST", 2)
    (flat / "each").mkdir()
    for i in range(5):
        (flat / "each" / f"{i}.json").write_text("{}")
    (flat / "z.csv").write_text("id,label\n" + rows())
    folder = organize(flat, tmp_path / "data")
    assert "Labels are read from 'z.csv'." in folder.left_out.notices
