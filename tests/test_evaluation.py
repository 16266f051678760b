import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from imgclass.evaluation import ClassScore, Score
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
