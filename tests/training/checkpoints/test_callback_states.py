from math import inf, nan

import numpy as np
import pytest

pytestmark = pytest.mark.keras


@pytest.fixture
def states():
    from imgclass.training.checkpoints import callback_states

    return callback_states


@pytest.fixture
def make_callback():
    """A callback with the attributes that it is given."""
    import keras

    class Remembers(keras.callbacks.Callback):
        def __init__(self, option=0, **memory):
            super().__init__()
            self.option = option
            vars(self).update(memory)

    return Remembers


def through_json(plain):
    import json

    return json.loads(json.dumps(plain, allow_nan=False))


def same(a, b):
    if isinstance(a, np.ndarray | np.generic):
        return (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(map(same, a.values(), b.values()))
    return repr(a) == repr(b)


VALUES = {
    "none": None,
    "true": True,
    "text": "größe",
    "whole": 2**70,
    "below zero": -1,
    "fraction": 0.1,
    "infinity": -inf,
    "nan": nan,
    "minus zero": -0.0,
    "list": [1, [2.5, "x"], []],
    "tuple": (1, (2, 3)),
    "dictionary": {"a": 1.5, "float": {"array": "dict"}, "": None},
    "array": np.arange(6, dtype=np.float32).reshape(2, 3),
    "array of truths": np.array([True, False]),
    "no dimensions": np.array(3, np.int16),
    "number of NumPy's": np.float32(0.1),
    "weights": [np.zeros((2, 2), np.float32), np.array(7, np.int64)],
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_the_state_of_a_callback_comes_back_with_its_types(states, make_callback, value):
    plain, arrays = states.callback_state(make_callback(value=value), prefix="callback/0")
    again = make_callback()
    states.restore_callback(again, through_json(plain), arrays)
    assert type(again.value) is type(value)
    assert same(again.value, value)


def test_arrays_are_named_by_their_place(states, make_callback):
    _, arrays = states.callback_state(
        make_callback(kept=[np.ones(1)], d={"x": np.ones(1)}), prefix="c/3"
    )
    assert sorted(arrays) == ["c/3/d/x", "c/3/kept/0"]


def test_what_is_read_back_can_be_changed(states, make_callback):
    plain, arrays = states.callback_state(make_callback(value=np.ones(2)), prefix="c")
    arrays["c/value"].flags.writeable = False  # as those of a file
    again = make_callback()
    states.restore_callback(again, plain, arrays)
    again.value += 1


@pytest.mark.parametrize(
    "value", [print, object(), {1: 2}, {"a": {3}}, [print], np.array(["text"]), 1j, b"bytes"]
)
def test_a_value_that_is_not_plain_is_left_out_as_a_whole(states, make_callback, value):
    plain, arrays = states.callback_state(
        make_callback(value=value, pair=[np.ones(1), value], wait=1), prefix="c"
    )
    assert plain == {"option": 0, "wait": 1}
    assert arrays == {}


def test_attributes_that_keras_sets_are_left_out(states, make_callback):
    callback = make_callback()
    callback.set_params({"epochs": 3})
    callback._model = object()
    plain, _ = states.callback_state(callback, prefix="c")
    assert set(plain) == {"option"}


def test_an_option_that_a_users_callback_changes_is_recorded(states, make_callback):
    plain, arrays = states.callback_state(make_callback(option=3, wait=1), prefix="c")
    again = make_callback(option=0)
    states.restore_callback(again, plain, arrays)
    assert (again.option, again.wait) == (3, 1)


def test_an_option_of_keras_own_is_not_set_twice(states):
    import keras

    class Mine(keras.callbacks.EarlyStopping):
        """Keras negates `min_delta` if a lower value is better."""

    for kind in (keras.callbacks.EarlyStopping, Mine):
        stopping = kind("val_loss", min_delta=0.5)
        stopping.on_train_begin()
        plain, _ = states.callback_state(stopping, prefix="c")
        assert not {"min_delta", "patience", "monitor"} & set(plain)


def test_early_stopping_resumes_its_patience(states):
    import keras

    stopping = keras.callbacks.EarlyStopping("val_loss", patience=3, restore_best_weights=True)
    stopping.on_train_begin()
    stopping.wait, stopping.best, stopping.best_epoch = 2, 0.5, 4
    stopping.best_weights = [np.ones((2, 2), np.float32)]
    again = keras.callbacks.EarlyStopping("val_loss", patience=3, restore_best_weights=True)
    again.on_train_begin()
    plain, arrays = states.callback_state(stopping, prefix="c")
    states.restore_callback(again, through_json(plain), arrays)
    assert (again.wait, again.best, again.best_epoch) == (2, 0.5, 4)
    assert same(again.best_weights, stopping.best_weights)


def test_reduce_lr_on_plateau_resumes_its_cooldown(states):
    import keras

    reduce = keras.callbacks.ReduceLROnPlateau("val_loss", cooldown=3)
    reduce.cooldown_counter, reduce.wait, reduce.best = 2, 1, 0.25
    again = keras.callbacks.ReduceLROnPlateau("val_loss", cooldown=3)
    plain, arrays = states.callback_state(reduce, prefix="c")
    states.restore_callback(again, through_json(plain), arrays)
    assert (again.cooldown_counter, again.wait, again.best) == (2, 1, 0.25)


def test_options_tell_callbacks_apart(states):
    import keras

    stopping = keras.callbacks.EarlyStopping
    said = states.options_of(stopping("val_loss", patience=3))
    assert said["EarlyStopping"] == "given"
    assert said["EarlyStopping(monitor)"] == "'val_loss'"
    assert said == states.options_of(stopping("val_loss", patience=3))
    other = states.options_of(stopping("val_loss", patience=4))
    assert {name for name in said if said[name] != other[name]} == {"EarlyStopping(patience)"}


def test_functions_are_left_out_of_options_since_they_differ_between_processes(states):
    import keras

    said = states.options_of(keras.callbacks.LambdaCallback(on_epoch_end=print))
    assert not any("0x" in value or "built-in" in value for value in said.values())
