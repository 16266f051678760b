import pytest

from imgclass.errors import UsageError
from imgclass.serving.bulk import image_files


@pytest.fixture(autouse=True)
def photos(tmp_path, monkeypatch):
    """The folder `photos`, with images at three depths, a note, and a hidden folder."""
    for name in ("b.jpg", "a.png", "note.txt", "cats/1.jpg", "cats/old/2.jpg", ".trash/3.jpg"):
        file = tmp_path / "photos" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path / "photos"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("photos", ["a.png", "b.jpg", "cats/1.jpg", "cats/old/2.jpg"]),
        ("photos/*.jpg", ["b.jpg"]),
        ("photos/[ab].*", ["a.png", "b.jpg"]),
        ("photos/**/*.jpg", ["b.jpg", "cats/1.jpg", "cats/old/2.jpg"]),
        ("photos/**", ["a.png", "b.jpg", "cats/1.jpg", "cats/old/2.jpg"]),
        ("photos/*/*.jpg", ["cats/1.jpg"]),
        ("*/c?ts", ["cats/1.jpg", "cats/old/2.jpg"]),
        ("photos/.*/*.jpg", [".trash/3.jpg"]),
    ],
)
def test_a_folder_and_a_pattern_stand_for_their_images(name, found):
    assert image_files([name]) == [f"photos/{file}" for file in found]


def test_an_image_that_is_named_twice_is_predicted_once_and_the_order_is_kept():
    assert image_files(["photos/b.jpg", "photos/*.*"]) == ["photos/b.jpg", "photos/a.png"]


def test_a_name_that_exists_is_no_pattern(photos):
    (photos / "1[2].jpg").touch()
    (photos / "12.jpg").touch()
    assert image_files(["photos/1[2].jpg"]) == ["photos/1[2].jpg"]


def test_a_missing_file_is_left_for_the_reader_to_name():
    assert image_files(["gone.jpg"]) == ["gone.jpg"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("photos/*.gif", "no file matches"),
        ("nowhere/*.jpg", "no file matches"),
        ("photos/*.txt", "none of the 1 files that match has an ending such as .jpg"),
    ],
)
def test_a_pattern_without_images_is_an_error(name, reason):
    with pytest.raises(UsageError, match=reason):
        image_files([name])


def test_a_link_to_a_folder_above_does_not_lead_in_circles(photos):
    (photos / "cats" / "up").symlink_to(photos)
    assert len(image_files(["photos/**/*.jpg"])) == 3
