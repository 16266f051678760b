"""What may differ when a training is resumed, and what is refused by name (fault cases K5)."""

from dataclasses import replace

import pytest

from imgclass.errors import CheckpointError
from imgclass.training.checkpoints.compatibility import CHANGEABLE, differences, state_to_resume


def with_setting(state, part, **changes):
    values = {**getattr(state.setting, part), **changes}
    values = {name: value for name, value in values.items() if value is not None}
    return replace(state.setting, **{part: values})


def resumed(state, *, setting=None, changed=(), other_versions=False, **config):
    return state_to_resume(
        state,
        replace(state.config, **config),
        setting or state.setting,
        changed=changed,
        other_versions=other_versions,
    )


def test_an_unchanged_training_is_resumed_as_it_was(make_state):
    state = make_state(2, 3)
    assert resumed(state) == state


@pytest.mark.parametrize(
    ("part", "changes", "says"),
    [
        ("data", {"classes": "dark, pale"}, "data .*classes was dark, light and is dark, pale"),
        ("data", {"first training batch": "bb"}, "first training batch was aa and is bb"),
        ("data", {"batch size": "4"}, "batch size was 8 and is 4"),
        ("data", {"classes": None}, "classes was dark, light and is none"),
        ("model", {"weights": "8 arrays, 9 numbers"}, "model .*158 numbers and is 8 arrays"),
        ("callbacks", {"1": "CSVLogger()"}, r"callbacks .*1 was none and is CSVLogger\(\)"),
        ("versions", {"keras": "3.16.0"}, "keras was 3.15.1 and is 3.16.0.*--other-versions"),
    ],
)
def test_a_difference_is_refused_by_name(make_state, part, changes, says):
    state = make_state(2)
    with pytest.raises(CheckpointError, match=says):
        resumed(state, setting=with_setting(state, part, **changes))


def test_all_differences_are_named_at_once_sorted_and_short(make_state):
    state = make_state(2)
    setting = with_setting(state, "data", classes="x" * 5000, added="1")
    with pytest.raises(CheckpointError, match="added was none and is 1; classes was") as raised:
        resumed(state, setting=setting)
    assert len(str(raised.value)) < 500


def test_another_machine_is_not_refused(make_state):
    state = make_state(2)
    setting = with_setting(state, "machine", processor="sixty-four cores")
    assert resumed(state, setting=setting).setting == setting


def test_other_versions_are_allowed_on_request(make_state):
    state = make_state(2)
    setting = with_setting(state, "versions", keras="3.16.0")
    assert resumed(state, setting=setting, other_versions=True).setting == setting


OTHERS = {
    "batch_size": 4,
    "optimizer": "sgd",
    "learning_rate": 0.001,
    "weight_decay": 0.1,
    "label_smoothing": 0.3,
    "patience": 2,
    "schedule": "constant",
    "metrics": ("auc",),
    "seed": 1,
    "head_epochs": 1,
    "precision": "float32",
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_recipe_is_refused_by_the_field_that_differs(make_state, name):
    with pytest.raises(CheckpointError, match=f"Expected {name}=.*; received {name}="):
        resumed(make_state(2), **{name: OTHERS[name]})


@pytest.mark.parametrize("name", sorted(set(OTHERS) & set(CHANGEABLE)))
def test_fields_that_arrays_do_not_depend_on_may_be_changed_on_purpose(make_state, name):
    state = make_state(2)
    again = resumed(state, changed=[name], **{name: OTHERS[name]})
    assert getattr(again.config, name) == OTHERS[name]
    assert again.place == state.place


@pytest.mark.parametrize("name", sorted(set(OTHERS) - set(CHANGEABLE)))
def test_fields_that_arrays_depend_on_may_not_be_changed(make_state, name):
    with pytest.raises(CheckpointError, match=name):
        resumed(make_state(2), changed=[name], **{name: OTHERS[name]})


def test_a_changed_batch_size_may_change_the_first_batches(make_state):
    state = make_state(2)
    other = {"batch size": "4", "first training batch": "bb"}
    setting = with_setting(state, "data", **other)
    again = resumed(state, setting=setting, changed=["batch_size"], batch_size=4)
    assert again.setting.data["batch size"] == "4"
    setting = with_setting(state, "data", **other, classes="dark, pale")
    with pytest.raises(CheckpointError, match="classes"):
        resumed(state, setting=setting, changed=["batch_size"], batch_size=4)


def test_a_field_named_as_changed_may_be_unchanged(make_state):
    state = make_state(2)
    assert resumed(state, changed=CHANGEABLE) == state


# More epochs


@pytest.mark.parametrize("epochs", [3, 5])
def test_other_epochs_are_refused_before_the_end(make_state, epochs):
    with pytest.raises(CheckpointError, match="Let it finish first"):
        resumed(make_state(2), epochs=epochs)


def test_fewer_epochs_than_are_over_are_refused(make_state):
    with pytest.raises(CheckpointError, match="more epochs than the 4 that are over"):
        resumed(make_state(4, is_over=True), epochs=3)


def test_a_finished_training_without_more_epochs_stays_finished(make_state):
    state = make_state(4, is_over=True)
    assert resumed(state).place.is_over


def constant(state):
    return replace(state, config=replace(state.config, schedule="constant"))


def test_at_a_constant_rate_more_epochs_belong_to_the_same_phase(make_state):
    again = resumed(constant(make_state(4, is_over=True)), epochs=6)
    place = again.place
    assert (place.epoch, place.phase, place.phase_end) == (4, 1, 6)
    assert (place.is_phase_over, place.is_over) == (False, False)
    assert (again.planned_epochs, again.added, again.config.epochs) == (6, (), 6)


def test_after_a_schedule_more_epochs_are_a_phase_of_their_own(make_state):
    again = resumed(make_state(4, is_over=True), epochs=6)
    assert (again.place.phase, again.place.is_phase_over, again.place.is_over) == (1, True, False)
    assert (again.planned_epochs, again.added, again.config.epochs) == (4, ((4, 6),), 6)


def finished(state, epoch):
    place = replace(state.place, epoch=epoch, phase=2, phase_start=4, phase_end=epoch)
    return replace(state, place=replace(place, is_phase_over=True, is_over=True))


def test_epochs_can_be_added_again_and_again(make_state):
    state = finished(resumed(make_state(4, is_over=True), epochs=6), 6)
    again = resumed(state, epochs=9)
    assert again.added == ((4, 6), (6, 9))
    assert again.planned_epochs == 4


def test_a_phase_that_was_added_and_is_not_over_keeps_its_epochs(make_state):
    state = resumed(make_state(4, is_over=True), epochs=6)
    place = replace(state.place, epoch=5, phase=2, phase_start=4, phase_end=6)
    state = replace(state, place=replace(place, is_phase_over=False))
    assert resumed(state) == state
    with pytest.raises(CheckpointError, match="epochs=6, for which the training began"):
        resumed(state, epochs=8)


def test_a_training_that_patience_ended_starts_waiting_again(make_state):
    state = make_state(3, is_over=True, waited=2)
    state = constant(replace(state, config=replace(state.config, patience=2)))
    again = resumed(state, epochs=6)
    assert (again.place.epoch, again.place.phase_end, again.waited) == (3, 6, 0)


def test_a_training_whose_patience_has_not_run_out_keeps_waiting(make_state):
    state = make_state(4, is_over=True, waited=1)
    state = constant(replace(state, config=replace(state.config, patience=2)))
    assert resumed(state, epochs=6).waited == 1


def test_differences_are_described_in_words():
    assert differences({"a": "1", "b": "2"}, {"b": "2", "c": "3"}) == (
        "a was 1 and is none",
        "c was none and is 3",
    )
    assert differences({}, {}) == ()
