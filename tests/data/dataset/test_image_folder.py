import os
import shutil

import pytest

from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.organize.organizer import DatasetOrganizer
from imgclass.errors import DatasetError


def tree(root, *, splits=("train", "val", "test"), classes=("cat", "dog")):
    for number, (split, label) in enumerate((s, c) for s in splits for c in classes):
        folder = root / split / label
        folder.mkdir(parents=True)
        (folder / f"{number}.ppm").write_bytes(b"P6 2 1 255 " + bytes([number] * 6))
    return root


@pytest.fixture
def organized(desk):
    return DatasetOrganizer(val=6, test=6).organize(desk.labels, desk.images, desk.root)


def test_what_was_organized_is_opened_as_it_was_made(organized):
    assert ImageFolder.open(organized.root) == organized


def test_it_shows_itself_in_one_line(organized):
    shown = repr(organized)
    assert shown.startswith(f"<ImageFolder {organized.root}: ")
    assert " train, " in shown
    assert shown.endswith(" classes>")


def test_a_linked_data_set_is_opened_and_a_dangling_link_is_missing(desk):
    made = DatasetOrganizer(val=6, test=6, transfer="symlink")
    folder = made.organize(desk.labels, desk.images, desk.root)
    assert ImageFolder.open(desk.root) == folder
    (desk.images / "3.png").unlink()
    with pytest.raises(DatasetError, match=r"1 are listed and not there: .*3.png"):
        ImageFolder.open(desk.root)


def test_class_names_come_from_the_record_and_never_from_a_listing(organized):
    for split in ("train", "val", "test"):
        (organized.root / split / ".ipynb_checkpoints").mkdir()
        (organized.root / split / "aardvark").mkdir()
    assert ImageFolder.open(organized.root).class_names == ("ant", "bee", "cow")


def test_missing_and_extra_files_are_named(organized):
    gone, *_ = organized.paths("train")
    shutil.copy(gone, gone.with_name("extra.png"))
    gone.unlink()
    with pytest.raises(DatasetError) as caught:
        ImageFolder.open(organized.root)
    assert f"1 are listed and not there: '{organized.manifest.of('train')[0].path}'" in str(
        caught.value
    )
    assert "1 are there and not listed" in str(caught.value)
    assert "extra.png" in str(caught.value)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 99}', "\x00"])
def test_a_damaged_record_is_an_error_that_names_it(organized, text):
    (organized.root / "dataset.json").write_text(text)
    with pytest.raises(DatasetError, match=r"dataset\.json"):
        ImageFolder.open(organized.root)


def test_a_record_of_a_newer_format_says_what_to_install(organized):
    record = organized.root / "dataset.json"
    record.write_text(record.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(DatasetError, match=r"received 2\. Install"):
        ImageFolder.open(organized.root)


def test_a_missing_manifest_is_an_error_that_names_it(organized):
    (organized.root / "manifest.csv").unlink()
    with pytest.raises(DatasetError, match=r"manifest\.csv"):
        ImageFolder.open(organized.root)


@pytest.mark.parametrize("val", ["val", "valid", "validation"])
def test_a_tree_that_others_made_is_read_file_by_file(tmp_path, val):
    folder = ImageFolder.open(tree(tmp_path, splits=("train", val, "test")))
    assert folder.class_names == ("cat", "dog")
    assert folder.counts == {"train": 2, "val": 2, "test": 2}
    sample = folder.manifest.of("val")[1]
    assert (sample.path, sample.label, sample.width, sample.height) == (
        f"{val}/dog/3.ppm",
        "dog",
        2,
        1,
    )
    assert len(sample.sha256) == 64
    assert all(path.is_file() for path in folder.paths("val"))


def test_test_is_optional_and_its_absence_is_said(tmp_path):
    folder = ImageFolder.open(tree(tmp_path, splits=("train", "val")))
    assert folder.counts["test"] == 0
    assert folder.left_out.notices == (
        "There is no test split: the scores on val are the final ones.",
    )


def test_strangers_in_a_tree_are_neither_classes_nor_images_and_are_named(tmp_path):
    root = tree(tmp_path)
    for hidden in (".ipynb_checkpoints", ".git"):
        (root / "train" / hidden).mkdir()
        (root / "train" / hidden / "a.png").write_bytes(b"")
    (root / "train" / "loop").symlink_to(root / "train")
    (root / "train" / "notes.txt").write_text("x")
    for place in (root, root / "train"):
        (place / "stray.ppm").write_bytes(b"P6 1 1 255 abc")
    (root / "train" / "cat" / "Thumbs.db").write_bytes(b"")
    (root / "train" / "cat" / "a.txt").write_text("x")
    os.mkfifo(root / "train" / "cat" / "pipe.png")
    folder = ImageFolder.open(root)
    assert folder.class_names == ("cat", "dog")
    assert folder.counts["train"] == 2
    assert folder.left_out.notices == (
        "2 images outside of class folders are ignored: 'stray.ppm', 'train/stray.ppm'.",
        (
            "2 entries that are no files are ignored: 'train/cat/pipe.png' (a FIFO), "
            "'train/loop' (a symbolic link)."
        ),
        "2 other files are ignored: 2 .txt.",
        "3 hidden or system files are ignored.",
    )


def test_images_behind_links_and_in_subfolders_of_a_tree_count(tmp_path):
    root = tree(tmp_path / "data")
    outside = tmp_path / "outside.ppm"
    outside.write_bytes(b"P6 1 1 255 abc")
    (root / "train" / "cat" / "link.ppm").symlink_to(outside)
    (root / "train" / "cat" / "deep").mkdir()
    shutil.copy(outside, root / "train" / "cat" / "deep" / "x.ppm")
    paths = [sample.path for sample in ImageFolder.open(root).manifest.of("train")]
    assert paths == [
        "train/cat/0.ppm",
        "train/cat/deep/x.ppm",
        "train/cat/link.ppm",
        "train/dog/1.ppm",
    ]


def test_unreadable_images_of_a_tree_are_quarantined(tmp_path):
    root = tree(tmp_path)
    (root / "train" / "cat" / "bad.png").write_bytes(b"")
    [item] = ImageFolder.open(root).left_out.quarantined
    assert (item.source, item.label) == ("train/cat/bad.png", "cat")


def test_classes_that_differ_between_train_and_val_are_named(tmp_path):
    root = tree(tmp_path)
    shutil.rmtree(root / "val" / "dog")
    (root / "val" / "eel").mkdir()
    shutil.copy(root / "val" / "cat" / "2.ppm", root / "val" / "eel" / "9.ppm")
    with pytest.raises(DatasetError) as caught:
        ImageFolder.open(root)
    assert "'dog' have images in train and none in val" in str(caught.value)
    assert "'eel' have images in val and none in train" in str(caught.value)


def test_a_class_that_only_test_has_is_refused_and_one_that_it_lacks_is_noted(tmp_path):
    root = tree(tmp_path)
    (root / "test" / "cat").rename(root / "test" / "eel")
    with pytest.raises(DatasetError, match="'eel' have images in test and none in train"):
        ImageFolder.open(root)
    shutil.rmtree(root / "test" / "eel")
    assert ImageFolder.open(root).left_out.notices == ("test has no image of 'cat'.",)


@pytest.mark.parametrize(
    ("splits", "found"),
    [
        ((), "it is empty"),
        (("train",), "no folder for val; it holds 'train'. To have its images split for you"),
        (("valid", "invalid"), "'valid' counts as a split; if it is a class, rename it"),
        (("train", "val", "valid"), "several folders for val"),
    ],
)
def test_another_shape_is_refused_with_the_one_expected_and_how_to_get_it(tmp_path, splits, found):
    with pytest.raises(DatasetError) as caught:
        ImageFolder.open(tree(tmp_path, splits=splits))
    assert "train/<class>/<image>" in str(caught.value)
    assert "imgclass organize LABELS IMAGES OUT" in str(caught.value)
    assert found in str(caught.value)


def test_a_missing_folder_and_a_file_are_named(tmp_path):
    with pytest.raises(DatasetError, match="there is no folder"):
        ImageFolder.open(tmp_path / "none")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DatasetError, match="it is a file"):
        ImageFolder.open(tmp_path / "file")


def test_a_tree_without_an_image_is_refused(tmp_path):
    for split in ("train", "val"):
        (tmp_path / split / "cat").mkdir(parents=True)
    with pytest.raises(DatasetError, match="there is no image in train"):
        ImageFolder.open(tmp_path)
