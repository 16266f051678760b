from dataclasses import replace

from imgclass.improvement.ideas import MOST, find_ideas, shortened, winner
from imgclass.training.config import TrainingConfig


def words(ideas):
    return [idea.recommendation.changes for idea in ideas]


def test_the_advice_of_the_diagnosis_is_what_is_tried(parent, lineage, advised, longer, deeper):
    run = advised(parent, deeper(parent, 4), longer(parent, 8))
    ideas = find_ideas(run, lineage, run.experiment)
    assert words(ideas) == [("depth 2 to 4",), ("epochs 1 to 8",)]
    assert {idea.finding for idea in ideas} == {"high_variance"}


def test_a_change_that_was_tried_is_not_tried_again(parent, lineage, advised, longer, deeper):
    run = advised(parent, longer(parent, 2), deeper(parent, 3), deeper(parent, 4))
    assert words(find_ideas(run, lineage, run.experiment)) == [("depth 2 to 4",)]


def test_nothing_is_tried_that_nothing_speaks_for(parent, lineage, advised, longer):
    run = advised(parent, longer(parent, 2))
    assert find_ideas(run, lineage, run.experiment) == ()


def test_only_the_most_promising_are_tried(parent, lineage, advised, deeper):
    run = advised(parent, *(deeper(parent, depth) for depth in (4, 5, 6, 7)))
    assert len(find_ideas(run, lineage, run.experiment)) == MOST


def test_a_start_far_from_the_usual_may_go_there_in_one_step(
    parent, lineage, advised, longer, deeper
):
    usual = deeper(parent, 5).experiment
    usual = replace(usual, training=replace(usual.training, epochs=9))
    ideas = find_ideas(advised(parent, longer(parent, 4)), lineage, usual)
    assert words(ideas) == [("epochs 1 to 4",), ("depth 2 to 5", "epochs 1 to 9")]


def test_one_setting_that_differs_from_the_usual_is_the_users_own(parent, lineage, advised, deeper):
    usual = deeper(parent, 5).experiment
    assert find_ideas(advised(parent), lineage, usual) == ()


def with_epochs(run, epochs, head_epochs=0):
    training = TrainingConfig(epochs=epochs, head_epochs=head_epochs)
    return replace(run.experiment, training=training)


def test_a_short_fit_has_a_quarter_of_the_epochs(parent):
    assert shortened(with_epochs(parent, 8)).training.epochs == 2
    assert shortened(with_epochs(parent, 9)).training.epochs == 3


def test_the_epochs_of_the_head_are_not_shortened(parent):
    assert shortened(with_epochs(parent, 11, head_epochs=3)).training.epochs == 5


def test_few_epochs_are_not_shortened(parent):
    assert shortened(with_epochs(parent, 3)) is None


def test_a_short_fit_overrules_the_order_only_if_it_is_surely_better(parent, scored):
    runs = [scored(parent, right) for right in (300, 303, 320, 290)]
    assert winner(tuple(runs[:2])) == 0
    assert winner(tuple(runs)) == 2
