from dataclasses import replace

from imgclass.improvement.cost import fitted_into, lasting, run_seconds


def wider(run, width):
    return replace(run.experiment, spec=replace(run.experiment.spec, width=width))


def test_the_same_experiment_takes_the_same_time(parent):
    assert run_seconds(parent, parent.experiment) == 5.0


def test_twice_the_epochs_take_twice_the_fitting_and_the_same_beside(parent, longer):
    assert run_seconds(parent, longer(parent, 2).experiment) == 6.5


def test_a_deeper_or_wider_network_takes_longer(parent, deeper):
    assert run_seconds(parent, deeper(parent, 3).experiment) > 5.0
    assert run_seconds(parent, wider(parent, 16)) > 5.0


def test_what_fits_the_time_stays_as_it_is(parent, longer):
    after = longer(parent, 4).experiment
    assert fitted_into(11.0, parent, after) is after


def test_open_epochs_are_those_of_the_parent(parent, longer):
    training = replace(parent.experiment.training, epochs=None)
    after = replace(parent.experiment, training=training)
    parent = replace(
        parent,
        experiment=longer(parent, 4).experiment,
        history=replace(parent.history, epochs=parent.history.epochs * 4, seconds=6.5),
    )
    assert fitted_into(6.5, parent, after) is after
    assert fitted_into(5.0, parent, after).training.epochs == 3


def test_epochs_are_cut_to_what_fits(parent, longer):
    assert fitted_into(8.5, parent, longer(parent, 8).experiment).training.epochs == 3


def test_fewer_epochs_do_not_spare_what_is_spent_beside_them(parent, longer):
    features = replace(parent, history=replace(parent.history, seconds=31.5))
    stages = {"preparing": 1.0, "training": 31.5, "evaluating": 2.0}
    features = replace(features, record=replace(parent.record, stage_seconds=stages))
    after = longer(features, 8).experiment  # 3 s, 30 s of features, 12 s of epochs
    assert run_seconds(features, after) == 45.0
    assert fitted_into(39.5, features, after).training.epochs == 4
    assert fitted_into(32.0, features, after) is None


def test_what_nobody_can_tell_stays_as_it_is(parent):
    unfrozen = replace(parent.experiment, spec=replace(parent.experiment.spec, trainable=True))
    assert run_seconds(parent, unfrozen) is None
    assert fitted_into(0.1, parent, unfrozen) is unfrozen


def test_too_little_time_for_the_epochs_of_the_parent_is_refused(parent, longer):
    parent = replace(
        parent,
        experiment=longer(parent, 4).experiment,
        history=replace(parent.history, epochs=parent.history.epochs * 4, seconds=8.0),
    )
    assert fitted_into(6.0, parent, wider(parent, 16)) is None


def test_trainings_at_the_same_time_last_as_long_as_the_fullest_place():
    assert lasting([3, 2, 2, 1], at_once=1) == 8
    assert lasting([3, 2, 2, 1], at_once=2) == 4
    assert lasting([3, 2, 2, 1], at_once=9) == 3
    assert lasting([], at_once=2) == 0
