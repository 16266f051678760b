import gc
import random
import warnings

import numpy as np
import pytest

from imgclass.global_state import changed, collecting_later, observe


def change_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def set_variable(_, monkeypatch):
    monkeypatch.setenv("IMGCLASS_SOMETHING", "1")


def filter_warnings(*_):
    warnings.simplefilter("ignore")


def seed_python(*_):
    random.seed(0)


def seed_numpy(*_):
    np.random.seed(0)  # noqa: NPY002 - what a careless package does


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (change_directory, "the working directory"),
        (set_variable, "the environment variable IMGCLASS_SOMETHING"),
        (filter_warnings, "the warning filters"),
        (seed_python, "Python's random generator"),
        (seed_numpy, "NumPy's random generator"),
    ],
)
def test_a_change_is_named(change, name, tmp_path, monkeypatch):
    kept = random.getstate(), np.random.get_state()  # noqa: NPY002 - the global generator is what is watched
    with warnings.catch_warnings():
        before = observe()
        change(tmp_path, monkeypatch)
        assert changed(before, observe()) == (name,)
    random.setstate(kept[0])
    np.random.set_state(kept[1])  # noqa: NPY002 - the global generator is what is watched


def test_nothing_done_is_nothing_changed():
    assert changed(observe(), observe()) == ()


def test_the_search_for_cycles_comes_back_after_an_error():
    with pytest.raises(ZeroDivisionError), collecting_later():
        raise ZeroDivisionError
    assert gc.isenabled()


def test_the_search_for_cycles_stays_off_where_it_was():
    gc.disable()
    try:
        with collecting_later():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.keras
def test_keras_settings_are_seen():
    import keras

    before = observe()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        assert changed(before, observe()) == ("Keras's precision",)
    finally:
        keras.config.set_dtype_policy("float32")
