import csv
from math import inf, nan

import pytest

from imgclass.run.history_file import format_history, read_history
from imgclass.training.history import Epoch

EPOCH = Epoch(
    loss=1.25,
    accuracy=0.5,
    val_loss=1.0,
    val_accuracy=0.625,
    learning_rate=0.01,
    seconds=2.5,
    objective=1.5,
    val_objective=1.125,
    phase=2,
    metrics={"auc": 0.75, "val_auc": 0.5},
)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "history.csv"


def test_a_history_has_the_columns_that_keras_logs(file):
    file.write_text(format_history([EPOCH, EPOCH]))
    rows = list(csv.DictReader(file.read_text().splitlines()))
    assert list(rows[0]) == [
        "epoch",
        "accuracy",
        "auc",
        "categorical_crossentropy",
        "learning_rate",
        "loss",
        "phase",
        "seconds",
        "val_accuracy",
        "val_auc",
        "val_categorical_crossentropy",
        "val_loss",
    ]
    assert [row["epoch"] for row in rows] == ["0", "1"]
    # `loss` is what Keras minimises; the plain cross-entropy has the name of Keras's metric.
    assert (rows[0]["loss"], rows[0]["categorical_crossentropy"]) == ("1.5", "1.25")


def test_a_history_comes_back_as_it_was(file):
    plain = Epoch(1.2, 0.5, 1.0, 0.6, 1e-3, 2.0, objective=1.3, val_objective=1.1)
    file.write_text(format_history([EPOCH, plain]))
    assert read_history(file) == (EPOCH, plain)


@pytest.mark.parametrize("loss", [nan, inf])
def test_a_loss_that_is_not_finite_comes_back(file, loss):
    file.write_text(format_history([Epoch(loss, 0.1, nan, nan, 0.1, 1.0)]))
    (epoch,) = read_history(file)
    assert str(epoch.loss) == str(loss)


def test_no_file_is_no_epoch(file):
    assert read_history(file) == ()


def test_a_line_that_is_damaged_is_named(file):
    file.write_text(format_history([EPOCH]).replace("0.625", "much"))
    with pytest.raises(ValueError, match=r"history\.csv, line 2"):
        read_history(file)
