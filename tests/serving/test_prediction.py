from pathlib import Path

import numpy as np
import pytest

from imgclass.errors import ImageError
from imgclass.serving import Prediction, Predictions

NAMES = ("bird", "cat", "dog")


def prediction(*scores, path=None):
    return Prediction(path, NAMES, np.array(scores, "float32"))


CAT = prediction(0.25, 0.5, 0.25, path=Path("a/1.jpg"))
BAD = Prediction(Path("bad.jpg"), NAMES, error=ImageError("It is <damaged>."))
SEVERAL = Predictions((CAT, BAD, prediction(0.0, 0.25, 0.75)), shown_top=2)


def test_top_is_the_best_first_and_equal_ones_in_the_order_of_the_classes():
    assert CAT.top == (("cat", 0.5), ("bird", 0.25), ("dog", 0.25))
    assert CAT.top1 == "cat"


def test_what_could_not_be_read_has_no_classes():
    for name in ("top1", "top", "probabilities"):
        with pytest.raises(ImageError, match="damaged"):
            getattr(BAD, name)


def test_predictions_compare_and_hash_by_what_they_say():
    same = prediction(0.25, 0.5, 0.25, path=Path("a/1.jpg"))
    assert same == CAT
    assert len({CAT, same, BAD}) == 2
    assert prediction(0.25, 0.5, 0.25) != CAT
    assert CAT != "cat"


def test_predictions_are_a_sequence():
    assert len(SEVERAL) == 3
    assert SEVERAL[0] is CAT
    assert SEVERAL[:1] == Predictions((CAT,), shown_top=2)
    assert list(SEVERAL) == list(SEVERAL.items)
    assert SEVERAL.failed == (BAD,)


def test_a_table_has_a_row_an_image_and_the_classes_that_were_asked_for():
    frame = SEVERAL.to_frame()
    assert list(frame.columns) == [
        "path", "predicted", "probability", "predicted_2", "probability_2", "error",
    ]  # fmt: skip
    assert frame["path"].tolist() == ["a/1.jpg", "bad.jpg", None]
    assert frame["predicted"].tolist() == ["cat", None, "dog"]
    assert frame["probability"].dropna().tolist() == [0.5, 0.75]
    assert frame["error"].tolist() == [None, "It is <damaged>.", None]
    assert list(SEVERAL.to_frame(top=9).filter(like="predicted")) == [
        "predicted", "predicted_2", "predicted_3",
    ]  # fmt: skip


def test_what_is_shown_is_short_and_cannot_drive_a_page_or_a_terminal():
    hostile = Prediction(Path("\x1b[2J<b>" * 99), ("<i>\x1b" * 99, "b"), np.array([1.0, 0.0]))
    many = Predictions((hostile, BAD) * 500)
    assert repr(Predictions((CAT, BAD))) == "<Predictions of 2 images: cat (1), 1 not read>"
    assert len(repr(hostile)) < 200
    assert len(repr(many)) < 200
    assert len(many._repr_html_()) < 20_000
    for text in (repr(hostile), repr(many), many._repr_html_()):
        assert "\x1b" not in text
    assert "<b>" not in many._repr_html_()
    assert "It is &lt;damaged&gt;." in many._repr_html_()
    assert "980 more" in many._repr_html_()
