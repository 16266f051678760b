import pytest

from imgclass.evaluation import Score
from imgclass.report.axis import Axis, axis_for


def score(right, wrong):
    return Score(class_names=("a", "b"), confusion=((right, wrong), (0, 0)), loss=0.1)


@pytest.mark.parametrize("right", [0, 1, 50, 99, 100])
@pytest.mark.parametrize("target", [0.0, 0.5, 0.95, 1.0])
def test_every_interval_and_the_target_lie_on_the_axis(right, target):
    shown = score(right, 100 - right)
    axis = axis_for([shown], target)
    assert 0 <= axis.low <= min(target, shown.interval[0])
    assert axis.low < 1


def test_the_ends_of_the_axis_are_marked():
    assert Axis(0.7).ticks == (0.7, 0.8, 0.9, 1.0)
    assert Axis(0.0).ticks == (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@pytest.mark.parametrize(
    ("accuracy", "place"), [(0.5, 0.0), (0.75, 50.0), (1.0, 100.0), (0.2, 0.0)]
)
def test_an_accuracy_is_placed_in_proportion_and_never_beside_the_axis(accuracy, place):
    assert Axis(0.5).at(accuracy) == place
