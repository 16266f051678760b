from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from imgclass import evaluate
from imgclass.errors import TrainingError
from imgclass.flows.flow import Flows


class Table:
    """A flow whose images are the probabilities that the model below gives."""

    def __init__(self, split, labels, probabilities, batch_size=2):
        self.paths = tuple(Path("data", split, f"{i}.png") for i in range(len(labels)))
        self.labels, self.rows, self.batch_size = (
            np.array(labels),
            np.array(probabilities),
            batch_size,
        )

    def __len__(self):
        return len(range(0, len(self.labels), self.batch_size))

    def __getitem__(self, index):
        part = slice(index * self.batch_size, (index + 1) * self.batch_size)
        return self.rows[part], np.eye(2, dtype="float32")[self.labels[part]]


MODEL = SimpleNamespace(predict_on_batch=lambda rows: rows)
TRAIN = Table("train", [0, 1, 1], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
VAL = Table("val", [0, 1], [[0.5, 0.5], [0.0, 1.0]])
TEST = Table("test", [0], [[0.0, 1.0]])


def score(train=TRAIN, val=VAL, test=TEST):
    return evaluate(MODEL, Flows(None, train, val, test, ("cat", "dog"), (1, 1), Path("data")))


def test_every_split_is_counted_by_true_and_predicted_class():
    evaluation = score()
    assert evaluation.train.confusion == ((1, 0), (1, 1))
    assert evaluation.train.accuracy == pytest.approx(2 / 3)
    assert evaluation.val.accuracy == 1
    assert evaluation.test.confusion == ((0, 1), (0, 0))


def test_the_loss_is_the_mean_cross_entropy_in_nats():
    expected = -np.log([0.9, 0.8, 0.4]).mean()
    assert score().train.loss == pytest.approx(expected)


def test_a_probability_of_zero_has_a_finite_loss():
    assert score().test.loss == pytest.approx(-np.log(1e-7))


def test_every_prediction_is_joined_to_its_file():
    rows = score().predictions
    assert list(rows["path"]) == [
        "train/0.png", "train/1.png", "train/2.png", "val/0.png", "val/1.png", "test/0.png"
    ]  # fmt: skip
    assert rows.iloc[2].to_dict() == {
        "path": "train/2.png",
        "split": "train",
        "label": "dog",
        "predicted": "cat",
        "probability": 0.6,
        "label_probability": 0.4,
    }


def test_a_data_set_may_have_no_test_split():
    evaluation = score(test=None)
    assert evaluation.test is None
    assert set(evaluation.predictions["split"]) == {"train", "val"}


def test_probabilities_that_are_not_finite_are_an_error():
    bad = Table("val", [0], [[np.nan, 1.0]])
    with pytest.raises(TrainingError, match="finite probabilities for the val images"):
        score(val=bad)
