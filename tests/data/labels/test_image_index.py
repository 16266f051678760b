import pytest

from imgclass.data.labels.image_index import ImageIndex, Match

FILES = ("0.png", "007.gif", "a.b/1.jpg", "cats/001.jpg", "notes.txt", "v1.5.png", "x.JPG")


@pytest.mark.parametrize(
    ("image_id", "rule", "file"),
    [
        ("0.png", "path", "0.png"),
        ("notes.txt", "path", "notes.txt"),
        ("./x.JPG", "path", "x.JPG"),
        ("v1.5", "name", "v1.5.png"),
        ("x", "name", "x.JPG"),
        ("x.jpg", "name", "x.JPG"),
        ("a.b/1", "name", "a.b/1.jpg"),
        ("00", "number", "0.png"),
        ("7", "number", "007.gif"),
        ("0007.gif", "number", "007.gif"),
        ("cats/1", "number", "cats/001.jpg"),
        ("001", "subfolder", "cats/001.jpg"),
    ],
)
def test_an_id_is_found_by_the_first_rule_that_fits(image_id, rule, file):
    assert ImageIndex(FILES).find(image_id) == Match(rule, (file,))


@pytest.mark.parametrize(
    "image_id", ["notes", "7.png", "dogs/1", "8", "X", "b/1", "\u0661", "", ".", "/", "x.JPG/"]
)
def test_what_fits_no_file_finds_none(image_id):
    assert ImageIndex(FILES).find(image_id).files == ()
