from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from imgclass.errors import TrainingError, UsageError
from imgclass.evaluation import ClassScore, Evaluation, Score, evaluate
from imgclass.flows.flow import Flows
from imgclass.statistics import wilson_interval

CONFUSION = ((8, 2, 0), (1, 9, 0), (3, 3, 4))


@pytest.fixture
def score():
    return Score(("cat", "dog", "emu"), CONFUSION, 0.4)


def test_the_accuracy_is_the_share_on_the_diagonal(score):
    assert (score.n, score.correct, score.accuracy) == (30, 21, 0.7)


def test_the_interval_is_wilsons(score):
    assert score.interval == wilson_interval(21, 30)


def test_each_class_is_scored_as_scikit_learn_does(score):
    rows = range(3)
    labels = [i for i in rows for j in rows for _ in range(CONFUSION[i][j])]
    predicted = [j for i in rows for j in rows for _ in range(CONFUSION[i][j])]
    expected = zip(*precision_recall_fscore_support(labels, predicted), strict=True)
    for found, (precision, recall, f1, n) in zip(score.per_class, expected, strict=True):
        assert (found.precision, found.recall, found.f1) == pytest.approx((precision, recall, f1))
        assert found.n == n


def test_the_precision_of_a_class_never_predicted_is_undefined():
    cat, dog = Score(("cat", "dog"), ((8, 0), (2, 0)), 0.4).per_class
    assert dog == ClassScore("dog", n=2, precision=None, recall=0.0, f1=0.0)
    assert cat.precision == 0.8


def test_the_recall_of_a_class_without_images_is_undefined():
    dog = Score(("cat", "dog"), ((8, 2), (0, 0)), 0.4).per_class[1]
    assert dog == ClassScore("dog", n=0, precision=0.0, recall=None, f1=0.0)


def test_a_class_neither_there_nor_predicted_has_no_figures():
    dog = Score(("cat", "dog"), ((8, 0), (0, 0)), 0.4).per_class[1]
    assert dog == ClassScore("dog", n=0, precision=None, recall=None, f1=None)


@given(
    st.integers(1, 5).flatmap(
        lambda k: st.lists(
            st.lists(st.integers(0, 50), min_size=k, max_size=k).map(tuple), min_size=k, max_size=k
        )
    )
)
def test_the_classes_add_up_to_the_whole(rows):
    score = Score(tuple("abcde"[: len(rows)]), tuple(rows), 0.0)
    assert sum(c.n for c in score.per_class) == score.n
    assert sum(round((c.recall or 0) * c.n) for c in score.per_class) == score.correct


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


def scored(train=TRAIN, val=VAL, test=TEST):
    return evaluate(MODEL, Flows(None, train, val, test, ("cat", "dog"), (1, 1), Path("data")))


def test_every_split_is_counted_by_true_and_predicted_class():
    evaluation = scored()
    assert evaluation.train.confusion == ((1, 0), (1, 1))
    assert evaluation.train.accuracy == pytest.approx(2 / 3)
    assert evaluation.val.accuracy == 1
    assert evaluation.test.confusion == ((0, 1), (0, 0))


def test_the_loss_is_the_mean_cross_entropy_in_nats():
    expected = -np.log([0.9, 0.8, 0.4]).mean()
    assert scored().train.loss == pytest.approx(expected)


def test_a_probability_of_zero_has_a_finite_loss():
    assert scored().test.loss == pytest.approx(-np.log(1e-7))


def test_every_prediction_is_joined_to_its_file():
    rows = scored().predictions
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
    evaluation = scored(test=None)
    assert evaluation.test is None
    assert set(evaluation.predictions["split"]) == {"train", "val"}


def test_probabilities_that_are_not_finite_are_an_error():
    bad = Table("val", [0], [[np.nan, 1.0]])
    with pytest.raises(TrainingError, match="finite probabilities for the val images"):
        scored(val=bad)


def test_a_score_is_a_table_of_its_classes(score):
    table = score.to_frame()
    assert list(table.index) == ["cat", "dog", "emu"]
    assert table.loc["cat", "recall"] == 0.8
    assert table.loc["emu", "n"] == 10
    undefined = Score(("cat", "dog"), ((8, 0), (2, 0)), 0.4).to_frame()
    assert np.isnan(undefined.loc["dog", "precision"])


def test_scores_and_evaluations_are_shown_in_one_line(score):
    assert repr(score) == "<Score: 70.0 % (52.1 to 83.3 %) of 30 images, 3 classes, loss 0.400>"
    evaluation = Evaluation(score, score, None, pd.DataFrame())
    assert repr(evaluation).startswith("<Evaluation: train 70.0 % (52.1 to 83.3 %), val 70.0 %")


def test_an_evaluation_is_a_table_of_its_splits(score):
    table = Evaluation(score, score, score, pd.DataFrame(), mirrored={"val": score}).to_frame()
    assert list(table.index) == ["train", "val", "test"]
    assert table.loc["val", ["n", "accuracy", "loss"]].tolist() == [30, 0.7, 0.4]
    assert (table.loc["val", "low"], table.loc["val", "high"]) == score.interval
    assert table["mirrored_accuracy"].notna().tolist() == [False, True, False]
    plain = Evaluation(score, score, None, pd.DataFrame()).to_frame()
    assert list(plain.columns) == ["n", "accuracy", "low", "high", "loss"]


def test_an_evaluation_draws_the_confusion_of_a_split(score):
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    evaluation = Evaluation(score, score, None, pd.DataFrame())
    assert evaluation.plot_confusion("train", ax=ax) is ax
    with pytest.raises(UsageError, match="one of the splits train, val; received 'test'"):
        evaluation.plot_confusion("test")
