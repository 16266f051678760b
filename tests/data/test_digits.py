import hashlib

import numpy as np
import pytest

from imgclass.data import digits as digits_module
from imgclass.data.digits import write_digits
from imgclass.data.labels.labels import read_labels
from imgclass.errors import UsageError
from imgclass.images.decoding import read_image


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    return write_digits(tmp_path_factory.mktemp("digits") / "made" / "here")


def test_the_digits_are_a_csv_and_numbered_images_that_fit_together(digits):
    labels = read_labels(*digits)
    assert len(labels.rows) == 1797
    assert {row.label for row in labels.rows} == set("0123456789")
    assert labels.notices == ()
    assert [row.source for row in labels.rows[:2]] == ["1.png", "2.png"]


def test_a_digit_is_a_small_gray_picture_of_full_contrast(digits):
    _, images = digits
    image = read_image(images / "1.png")
    assert image.shape == (8, 8, 3)
    assert (image.min(), image.max()) == (0, 239)
    assert (image == image[..., :1]).all()


def test_the_digits_are_always_the_same(digits):
    labels, images = digits
    digest = hashlib.sha256(labels.read_bytes())
    for number in range(1, 1798):
        digest.update(read_image(images / f"{number}.png").tobytes())
    assert digest.hexdigest() == "47d7818a02bb66ddcb4704316d71e12fe24b1fa5ad29b7d11cf604a171d5adca"


def test_the_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    theirs = load_digits()
    with np.load(digits_module._FILE) as ours:
        np.testing.assert_array_equal(ours["images"], theirs.images)
        np.testing.assert_array_equal(ours["labels"], theirs.target)


def test_nothing_is_overwritten(digits):
    labels, _ = digits
    with pytest.raises(UsageError, match="Expected an empty folder"):
        write_digits(labels.parent)
