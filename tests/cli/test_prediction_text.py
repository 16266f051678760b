from pathlib import Path

import numpy as np
import pytest

from imgclass.cli.prediction_text import PredictionLines, prediction_payload
from imgclass.errors import ImageError
from imgclass.serving import Prediction

NAMES = ("cat", "dog", "z" * 100)


@pytest.fixture
def prediction():
    return Prediction(Path("a/1.jpg"), NAMES, np.array([0.5, 0.25, 0.25], np.float32))


def lines(**options):
    options = {"top": 3, "threshold": None} | options
    return PredictionLines.of(["a/1.jpg", "b" * 400], NAMES, **options)


def test_columns_are_as_wide_as_their_longest_text_within_limits(prediction):
    made = lines()
    assert made.heading.index("class") == made.line(prediction).index("cat") == 302
    assert made.heading.index("probability") == made.line(prediction).index("50.0 %") == 344


def test_without_a_second_class_there_is_no_column_for_it(prediction):
    assert not lines(top=1).heading.endswith("next")
    assert lines(top=1).line(prediction).endswith("50.0 %")
    assert lines(top=1, threshold=0.9).heading.endswith("next")


def test_an_unsure_line_still_names_the_classes(prediction):
    line = lines(top=2, threshold=0.9).line(prediction)
    assert " ".join(line.split()) == "a/1.jpg unsure 50.0 % cat 50.0 %, dog 25.0 %"


def test_names_cannot_drive_the_terminal():
    hostile = Prediction(Path("\x1b[2J.jpg"), ("\x9b", "b"), np.array([1.0, 0.0], np.float32))
    failed = Prediction(Path("\n.jpg"), NAMES, error=ImageError("\x1b\n" * 9))
    for line in map(lines().line, (hostile, failed)):
        assert not {"\x1b", "\x9b", "\n"} & set(line)


def test_json_keeps_names_and_probabilities_exactly(prediction):
    said = prediction_payload(prediction, top=2, threshold=0.5)
    assert said == {
        "path": str(Path("a/1.jpg")),
        "top": [{"class": "cat", "probability": 0.5}, {"class": "dog", "probability": 0.25}],
        "unsure": False,
    }
