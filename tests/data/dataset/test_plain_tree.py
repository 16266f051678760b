import os
import shutil

import numpy as np
import pytest
from PIL import Image

from imgclass.data.dataset import class_folders, plain_tree
from imgclass.data.dataset.image_folder import ImageFolder
from imgclass.data.dataset.plain_tree import usual_share
from imgclass.errors import DatasetError, InterruptedRunError, UsageError
from imgclass.images import extras

CLASSES = ("ant", "bee", "cow")


@pytest.fixture
def write(tmp_path, png):
    """Writes a tree of so many different images of each class."""

    def write(**sizes: int):
        for rank, (label, size) in enumerate(sizes.items()):
            (tmp_path / label).mkdir()
            for i in range(size):
                (tmp_path / label / f"{i}.png").write_bytes(png(256 * rank + i))
        return tmp_path

    return write


@pytest.fixture
def photos(write):
    return write(ant=30, bee=20, cow=10)


def splits(folder):
    return {sample.path: sample.split for sample in folder.manifest.samples}


def test_every_class_is_split_in_proportion(photos):
    folder = ImageFolder.open(photos)
    assert folder.class_names == CLASSES
    assert folder.manifest.class_counts("val") == {"ant": 6, "bee": 4, "cow": 2}
    assert folder.manifest.class_counts("test") == {"ant": 6, "bee": 4, "cow": 2}
    assert all(path.is_file() for path in folder.paths("train"))


def test_nothing_is_written_moved_or_copied(photos, snapshot):
    before = snapshot(photos)
    ImageFolder.open(photos)
    assert snapshot(photos) == before


def test_the_same_seed_gives_the_same_split_wherever_the_tree_is(photos, tmp_path_factory):
    copy = shutil.copytree(photos, tmp_path_factory.mktemp("elsewhere") / "tree")
    assert ImageFolder.open(copy).manifest == ImageFolder.open(photos).manifest
    assert splits(ImageFolder.open(photos, seed=1)) != splits(ImageFolder.open(photos))


def test_sizes_can_be_given_as_fractions_and_as_counts(photos):
    assert ImageFolder.open(photos, val=0.5, test=3).counts == {"train": 27, "val": 30, "test": 3}


def test_a_tree_can_do_without_test_and_says_so(photos):
    folder = ImageFolder.open(photos, test=0)
    assert folder.counts["test"] == 0
    assert "There is no test split: the scores on val are the final ones." in (
        folder.left_out.notices
    )


@pytest.mark.parametrize("sizes", [{"val": 0.6, "test": 0.5}, {"val": -1}, {"val": 1000}])
def test_impossible_sizes_are_refused_before_an_image_is_read(photos, sizes, monkeypatch):
    monkeypatch.setattr(plain_tree, "read_images", None)
    with pytest.raises(UsageError):
        ImageFolder.open(photos, **sizes)


def test_sizes_for_a_tree_with_splits_are_refused(write, tmp_path):
    write(train=0, val=0)
    with pytest.raises(UsageError, match="only for a tree without splits"):
        ImageFolder.open(tmp_path, val=0.2)


@pytest.mark.parametrize(
    ("images", "share"), [(10, 0.2), (500, 0.2), (800, 0.125), (1_000, 0.1), (100_000, 0.1)]
)
def test_small_data_sets_give_more_of_their_images_to_val_and_test(images, share):
    assert usual_share(images) == share


def test_copies_and_near_duplicates_stay_in_one_split_and_are_counted(photos, photographs):
    photographs(photos / "bee", {f"same{i}.png": 7 for i in range(6)})
    for i in range(5):
        shutil.copy(photos / "ant" / "0.png", photos / "ant" / f"copy{i}.png")
    folder = ImageFolder.open(photos)
    where = splits(folder)
    assert len({where[f"bee/same{i}.png"] for i in range(6)}) == 1
    assert len({where["ant/0.png"], *(where[f"ant/copy{i}.png"] for i in range(5))}) == 1
    assert "12 images show 2 pictures; each is in one split." in folder.left_out.notices
    assert len(folder.left_out.duplicates) >= 7


def test_a_large_photograph_is_recognised_in_a_small_copy(photos, pictures):
    large = pictures(1, 800)[0]
    large.save(photos / "ant" / "large.jpg", quality=95)
    large.resize((300, 300)).save(photos / "bee" / "small.png")
    folder = ImageFolder.open(photos)
    sizes = {sample.path: (sample.width, sample.height) for sample in folder.manifest.samples}
    assert sizes["ant/large.jpg"] == (800, 800)
    [pair] = folder.left_out.duplicates
    assert (pair.a, pair.b) == ("ant/large.jpg", "bee/small.png")


def test_damaged_images_are_named_and_left_out(photos, pictures):
    path = photos / "bee" / "cut.jpg"
    pictures(1, 800)[0].save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    (photos / "cow" / "text.png").write_text("no image")
    folder = ImageFolder.open(photos)
    assert [item.source for item in folder.left_out.quarantined] == ["bee/cut.jpg", "cow/text.png"]
    assert len(folder.manifest.samples) == 60


def test_what_is_no_image_in_a_class_folder_is_named(photos):
    (photos / ".cache" / "x").mkdir(parents=True)
    shutil.copy(photos / "ant" / "0.png", photos / ".cache" / "x" / "0.png")
    (photos / "notes").mkdir()
    (photos / "notes" / "a.txt").write_text("x")
    shutil.copy(photos / "ant" / "1.png", photos / "loose.png")
    os.mkfifo(photos / "ant" / "pipe.png")
    folder = ImageFolder.open(photos)
    assert folder.class_names == CLASSES
    said = " ".join(folder.left_out.notices)
    assert "Folders without an image, which are no classes: 'notes'." in said
    assert "1 image outside of class folders is ignored: 'loose.png'." in said
    assert "1 other file is ignored: 1 .txt." in said
    assert "1 entry that is no file is ignored: 'ant/pipe.png' (a FIFO)." in said
    assert "1 hidden or system file is ignored." in said


def test_classes_with_too_few_images_are_named(write):
    with pytest.raises(DatasetError, match=r"Expected 3 sound.*'bee \(2\)', 'cow \(1\)'.*Add"):
        ImageFolder.open(write(ant=5, bee=2, cow=1))


def test_damaged_images_do_not_count_for_a_class(write):
    root = write(ant=5, bee=3)
    (root / "bee" / "0.png").write_bytes(b"")
    with pytest.raises(DatasetError, match=r"'bee \(2\)'"):
        ImageFolder.open(root)


def test_a_class_of_one_picture_only_is_named(write):
    root = write(ant=9, bee=1)
    for i in range(4):
        shutil.copy(root / "bee" / "0.png", root / "bee" / f"copy{i}.png")
    with pytest.raises(DatasetError, match="of 'bee' there are too few"):
        ImageFolder.open(root)


def test_one_class_only_is_refused_and_the_folder_that_may_be_meant_is_named(
    write, tmp_path_factory
):
    root = write(ant=5)
    with pytest.raises(DatasetError, match="has images of 'ant' only") as caught:
        ImageFolder.open(root)
    assert "Did you mean" not in str(caught.value)
    outer = tmp_path_factory.mktemp("outer")
    meant = shutil.copytree(root, outer / "photos")
    with pytest.raises(DatasetError, match=rf"only\. Did you mean '{meant}'"):
        ImageFolder.open(outer)


def test_i10_links_to_class_folders_outside_are_not_followed_and_said_to_be_links(
    photos, tmp_path_factory
):
    root = tmp_path_factory.mktemp("links")
    for label in CLASSES:
        (root / label).symlink_to(photos / label)
    with pytest.raises(
        DatasetError, match=r"links to folders outside of it are not followed \('ant', 'bee'"
    ):
        ImageFolder.open(root)
    (photos / "loop").symlink_to(photos)
    (photos / "dog").symlink_to(root)
    notices = " ".join(ImageFolder.open(photos).left_out.notices)
    assert "1 entry that is no file is ignored: 'loop' (a symbolic link)." in notices
    assert "1 link to a folder outside of the data set is ignored: 'dog'." in notices
    assert "Folders without an image" not in notices


def test_i10_a_link_to_a_folder_inside_is_a_class_folder(photos):
    (photos / "eel").mkdir()
    (photos / "cow").rename(photos / "eel" / "cow")
    (photos / "fly").symlink_to(photos / "eel" / "cow")
    folder = ImageFolder.open(photos)
    assert folder.class_names == ("ant", "bee", "eel", "fly")
    assert "fly/0.png" in {sample.path for sample in folder.manifest.samples}


def test_i3_images_that_need_a_missing_extra_are_named_with_it(photos, monkeypatch):
    monkeypatch.setattr(extras, "is_installed", lambda _: False)
    for name in ("1.heic", "2.HEIC"):
        (photos / "ant" / name).write_bytes(b"")
    folder = ImageFolder.open(photos)
    command = "pip install 'imgclass-keras[heif]'"
    assert f"2 .heic files are ignored; {command} reads them." in folder.left_out.notices
    assert not folder.left_out.quarantined


def test_i3_images_of_more_than_8_bits_and_of_several_pages_are_counted(photos):
    deep = Image.fromarray(np.arange(64 * 64, dtype=np.uint16).reshape(64, 64))
    for i in range(3):
        deep.rotate(90 * i).save(photos / "ant" / f"deep{i}.png")
    pages = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    pages[0].save(photos / "bee" / "pages.tiff", save_all=True, append_images=pages[1:])
    notices = ImageFolder.open(photos).left_out.notices
    assert "3 images have more than 8 bits a sample; they are scaled to 8." in notices
    assert "1 image file holds several pictures, of which the first is used." in notices


def test_a_folder_of_data_sets_is_not_taken_for_one_of_classes(write, png):
    root = write(ant=5, bee=5)
    (root / "bee" / "train" / "cow").mkdir(parents=True)
    (root / "bee" / "train" / "cow" / "0.png").write_bytes(png(0))
    with pytest.raises(DatasetError, match=rf"'bee' holds train.*Did you mean '{root / 'bee'}'"):
        ImageFolder.open(root)


def test_images_outside_of_class_folders_are_counted_in_the_error(write):
    root = write(ant=5)
    with pytest.raises(DatasetError, match="it has 5 images outside of class folders"):
        ImageFolder.open(root / "ant")


def test_progress_is_reported_and_can_be_stopped(photos):
    seen = []
    ImageFolder.open(photos, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(i + 1, 60) for i in range(60)]

    def stop(done, _total):
        if done == 5:
            os.kill(os.getpid(), 2)

    with pytest.raises(InterruptedRunError):
        ImageFolder.open(photos, progress=stop)


@pytest.mark.thorough
def test_worker_processes_find_what_one_process_finds(photos, monkeypatch):
    alone = ImageFolder.open(photos)
    monkeypatch.setattr(class_folders, "FEWEST", 20)
    assert ImageFolder.open(photos) == alone
