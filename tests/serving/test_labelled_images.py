import pytest
from PIL import Image

from imgclass.errors import DatasetError, UsageError
from imgclass.serving.labelled_images import labelled_images


@pytest.fixture
def make(tmp_path):
    """Make images of one colour."""

    def run(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (4, 4)).save(tmp_path / name)
        return tmp_path

    return run


def test_class_folders_are_labelled_images(make):
    found = labelled_images(make("dark/1.png", "light/deep/2.png"))
    assert found.split is None
    assert found.paths == ("dark/1.png", "light/deep/2.png")
    assert found.labels == ("dark", "light")


def test_what_is_no_image_in_a_class_folder_is_said(make):
    folder = make("dark/1.png", "loose.png")
    (folder / "dark" / "notes.txt").touch()
    notices = " ".join(labelled_images(folder).notices)
    assert "loose.png" in notices
    assert ".txt" in notices


@pytest.mark.parametrize(
    ("asked", "scored"), [(None, "test"), ("test", "test"), ("train", "train"), ("val", "val")]
)
def test_of_splits_test_is_taken_unless_another_is_asked_for(make, asked, scored):
    folder = make("train/dark/1.png", "Valid/dark/2.png", "test/dark/3.png")
    found = labelled_images(folder, split=asked)
    assert found.split == scored
    assert (
        found.paths
        == {
            "test": ("test/dark/3.png",),
            "train": ("train/dark/1.png",),
            "val": ("Valid/dark/2.png",),
        }[scored]
    )


def test_without_a_test_split_val_is_taken(make):
    assert labelled_images(make("train/dark/1.png", "val/dark/2.png")).split == "val"


def test_a_split_that_is_not_there_is_refused_with_those_that_are(make):
    folder = make("train/dark/1.png", "val/dark/2.png")
    with pytest.raises(UsageError, match="it has train, val"):
        labelled_images(folder, split="test")
    with pytest.raises(UsageError, match="no splits"):
        labelled_images(make("val2/1.png") / "val", split="test")


def test_labels_may_come_from_a_csv(make):
    folder = make("1.png", "2.png", "3.png")
    (folder / "labels.csv").write_text("id,label\n2,light\n1,dark\n")
    found = labelled_images(folder, labels=folder / "labels.csv")
    assert (found.paths, found.labels) == (("2.png", "1.png"), ("light", "dark"))


def test_a_data_set_of_the_organizer_is_read_from_its_manifest(make):
    from imgclass import DatasetOrganizer

    folder = make(*(f"images/{i}.png" for i in range(8)))
    for i in range(8):  # eight different pictures
        Image.new("RGB", (4, 4), (30 * i, 0, 0)).save(folder / "images" / f"{i}.png")
    rows = "\n".join(f"{i},{'a/b' if i % 2 else 'c'}" for i in range(8))
    (folder / "labels.csv").write_text(f"id,label\n{rows}\n")
    organizer = DatasetOrganizer(val=2, test=2, duplicates="off")
    organizer.organize(folder / "labels.csv", folder / "images", folder / "data")
    found = labelled_images(folder / "data")
    assert (found.split, len(found.paths), set(found.labels)) == ("test", 2, {"a/b", "c"})


@pytest.mark.parametrize("name", ["nowhere", "file", "empty"])
def test_a_folder_without_labelled_images_is_an_error(tmp_path, name):
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="Expected a folder"):
        labelled_images(tmp_path / name)


def test_classes_that_a_model_does_not_know_are_named_with_their_images(make):
    found = labelled_images(make("dark/1.png", "owl/2.png", "owl/3.png"))
    assert found.unknown(("dark", "light")) == {"owl": 2}
    with pytest.raises(DatasetError, match=r"'dark', 'light'; .* 'owl \(2 images\)'"):
        found.require_known(("dark", "light"))
