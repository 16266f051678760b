import pytest

from imgclass.errors import LabelsError
from imgclass.serving.bulk import read_submission

NAMES = ("cat", "dog")


@pytest.fixture
def sample(tmp_path):
    """Write a sample submission."""

    def write(text, encoding="utf-8"):
        path = tmp_path / "sample.csv"
        path.write_text(text, encoding=encoding)
        return path

    return write


def rows_of(submission, *predictions):
    return [",".join(row) for row in map(submission.rows(0), predictions)]


def test_a_column_of_classes_is_filled_in_the_order_of_the_sample(sample, predicted):
    made = read_submission(sample("id,label\n2,cat\n1,cat\n"), NAMES, ["t/1.jpg", "t/2.jpg"])
    assert made.images == ("t/2.jpg", "t/1.jpg")
    assert made.header == ("id", "label")
    predictions = predicted("t/2.jpg", 0.9), predicted("t/1.jpg", 0.1)
    assert rows_of(made, *predictions) == ["2,dog", "1,cat"]


def test_a_column_for_each_class_has_its_probability_whatever_their_order(sample, predicted):
    made = read_submission(sample("image,Dog,cat\n1.jpg,0.5,0.5\n"), NAMES, ["1.jpg"])
    assert rows_of(made, predicted("1.jpg", 0.75)) == ["1.jpg,0.75,0.25"]


@pytest.mark.parametrize(
    ("text", "names"), [("id,dog\n1,0.5\n", NAMES), ("id,has_dog\n1,0.5\n", ("0", "1"))]
)
def test_of_two_classes_the_probability_of_one_is_enough(sample, predicted, text, names):
    made = read_submission(sample(text), names, ["1.jpg"])
    assert rows_of(made, predicted("1.jpg", 0.75)) == ["1,0.75"]


def test_the_row_of_an_image_that_cannot_be_read_is_the_samples_own(sample, predicted):
    made = read_submission(sample("id,label\n1,cat\n"), NAMES, ["1.jpg"])
    assert rows_of(made, predicted("1.jpg", None)) == ["1,cat"]


@pytest.mark.parametrize("image_id", ["7", "007", "007.jpg", "007.JPG", "b/007.jpg", "a/b/007"])
def test_ids_have_extensions_and_folders_or_not(sample, image_id):
    made = read_submission(
        sample(f"id,label\n{image_id},cat\n"), NAMES, ["a/b/007.jpg", "a/b/8.jpg"]
    )
    assert (made.images, made.left_out) == (("a/b/007.jpg",), 1)


def test_a_mark_of_excel_is_no_part_of_the_header(sample):
    made = read_submission(sample("id,label\n1,cat\n", "utf-8-sig"), NAMES, ["1.jpg"])
    assert made.header == ("id", "label")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("id,cat,owl\n1,0,0\n", "no class is called 'owl'; no column is called 'dog'"),
        ("id,label\n1,owl\n", "'label' holds 'owl', which is no class"),
        ("id,label\n1,0.5\n", "'label' holds '0.5', which is no class"),
        ("id,cat,cat\n1,0,0\n", "no column is called 'dog'"),
        ("id\n1\n", "no column is called"),
        ("", "no column is called"),
        ("id,label\n", "it has none"),
        ("id,label\n1,cat,0\n", "row 1: expected 2 fields"),
        ("id,label\n3,cat\n", "of 1 ids, 1 have none"),
        ('id,label\n"1,cat\n', "line 2"),
    ],
)
def test_a_sample_that_does_not_match_is_refused_with_its_header(sample, text, reason):
    with pytest.raises(LabelsError) as refused:
        read_submission(sample(text), NAMES, ["1.jpg"])
    assert reason in str(refused.value)


def test_a_mismatch_shows_the_header_and_the_classes(sample):
    with pytest.raises(LabelsError) as refused:
        read_submission(sample("id,owl,dog\n1,0,0\n"), NAMES, ["1.jpg"])
    assert "its header: 'id', 'owl', 'dog'" in str(refused.value)
    assert "the classes: 'cat', 'dog'" in str(refused.value)


def test_an_id_that_means_two_images_is_refused(sample):
    with pytest.raises(LabelsError, match=r"'1': could mean any of 'a/1.jpg', 'b/1.jpg'"):
        read_submission(sample("id,label\n1,cat\n"), NAMES, ["a/1.jpg", "b/1.jpg"])


def test_a_missing_sample_is_named(tmp_path):
    with pytest.raises(LabelsError, match=r"no.csv: No such file"):
        read_submission(tmp_path / "no.csv", NAMES, ["1.jpg"])
