import shutil

import pytest

from imgclass.data.dataset.image_folder import ImageFolder, open_again
from imgclass.errors import DatasetError, UsageError


@pytest.fixture
def write(tmp_path, png):
    """Writes a tree of folders with ten different images of each of two classes."""

    def write(*folders: str):
        for rank, (folder, label) in enumerate((f, c) for f in folders for c in ("ant", "bee")):
            place = tmp_path / folder / label
            place.mkdir(parents=True)
            for i in range(10):
                (place / f"{i}.png").write_bytes(png(256 * rank + i))
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("folders", "notice"),
    [
        (("Train", "Val", "Test"), "'Train' is read as train; 'Val' is read as val"),
        (("training", "validation", "testing"), "'testing' is read as test"),
        (("train", "valid", "eval"), "'valid' is read as val; 'eval' is read as test"),
        (("TRAIN", "dev", "test_set"), "'dev' is read as val; 'test_set' is read as test"),
        (("train_data", "val_data", "test_data"), "'val_data' is read as val"),
    ],
)
def test_i2_usual_names_of_splits_are_understood_and_said(write, folders, notice):
    folder = ImageFolder.open(write(*folders))
    assert folder.counts == {"train": 20, "val": 20, "test": 20}
    assert any(notice in said for said in folder.left_out.notices)


@pytest.mark.parametrize("test", ["test", "Testing", "eval"])
def test_i2_without_val_it_is_split_off_train_and_said(write, snapshot, test):
    root = write("train", test)
    before = snapshot(root)
    folder = ImageFolder.open(root)
    assert folder.counts == {"train": 16, "val": 4, "test": 20}
    assert folder.manifest.class_counts("val") == {"ant": 2, "bee": 2}
    assert "val is split off train: 20 %." in folder.left_out.notices
    assert snapshot(root) == before


def test_the_size_and_the_seed_of_such_a_val_can_be_given_and_test_cannot(write):
    root = write("train", "test")
    assert ImageFolder.open(root, val=10).counts["val"] == 10
    first, second = (ImageFolder.open(root, seed=seed).paths("val") for seed in (1, 2))
    assert first != second
    with pytest.raises(UsageError, match="has its own"):
        ImageFolder.open(root, test=0.1)


def test_copies_stay_on_one_side_where_val_is_split_off(write):
    root = write("train", "test")
    for i in range(4):
        shutil.copy(root / "train" / "ant" / "0.png", root / "train" / "ant" / f"copy{i}.png")
    samples = ImageFolder.open(root).manifest.samples
    same = [s.split for s in samples if "copy" in s.path or s.path == "train/ant/0.png"]
    assert len(set(same)) == 1


def test_copies_in_train_and_test_are_left_there_and_said(write):
    root = write("train", "test")
    shutil.copy(root / "train" / "ant" / "0.png", root / "test" / "ant" / "copy.png")
    folder = ImageFolder.open(root)
    assert folder.counts["test"] == 21
    assert any("(as the splits were given)" in said for said in folder.left_out.notices)


def test_a_val_that_was_split_off_is_kept_when_images_are_added(write, png):
    root = write("train", "test")
    known = ImageFolder.open(root).manifest
    (root / "train" / "ant" / "new.png").write_bytes(png(9_999))
    (root / "test" / "ant" / "new.png").write_bytes(png(9_998))
    again = open_again(root, known).manifest
    before = {sample.path: sample.split for sample in known.samples}
    after = {sample.path: sample.split for sample in again.samples}
    assert {path: split for path, split in after.items() if path in before} == before
    assert after["train/ant/new.png"] == "train"
    assert after["test/ant/new.png"] == "test"


def test_folders_beside_the_splits_are_named(write):
    folder = ImageFolder.open(write("train", "val", "unlabelled"))
    assert "Folders beside the splits, left out: 'unlabelled'." in folder.left_out.notices


def test_two_folders_for_one_split_are_refused(write):
    with pytest.raises(DatasetError, match=r"several folders for test: \['eval', 'test'\]"):
        ImageFolder.open(write("train", "test", "eval"))


def test_classes_that_are_called_like_splits_are_classes_without_train(png, tmp_path):
    for rank, label in enumerate(("dev", "ops")):
        (tmp_path / label).mkdir()
        for i in range(10):
            (tmp_path / label / f"{i}.png").write_bytes(png(256 * rank + i))
    assert ImageFolder.open(tmp_path).class_names == ("dev", "ops")
