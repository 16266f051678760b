# ruff: noqa: NPY002 - NumPy's shared state is what this is about
import numpy as np
import pytest
from numpy.random import uniform

from imgclass.flows.private_draws import drawing_from


def state(seed: int = 5) -> np.random.RandomState:
    return np.random.RandomState(seed)


@pytest.fixture(autouse=True)
def _numpys_global_state_stays_as_it_was():
    before = repr(np.random.get_state())
    yield
    assert repr(np.random.get_state()) == before


class Base:
    def __init__(self):
        self.calls = 0

    def random_transform(self, x):
        self.calls += 1
        return [x, *self.get_random_transform()]

    def get_random_transform(self):
        return [np.random.random()]


class Flipping(Base):
    def get_random_transform(self):
        return [*super().get_random_transform(), np.random.sample()]


class Shifting:
    def get_random_transform(self):
        return [*super().get_random_transform(), uniform(2, 3)]


class Both(Shifting, Flipping):
    def get_random_transform(self, *, low=5):
        return [*super().get_random_transform(), np.random.default_rng(1).integers(low, low + 1)]


@pytest.mark.parametrize(("kind", "draws"), [(Base, 1), (Flipping, 2)])
def test_each_class_on_the_way_draws_from_the_state(kind, draws):
    drawn = drawing_from(state(), kind()).random_transform("x")
    assert drawn == ["x", *state().random_sample(draws)]


def test_several_parents_are_asked_in_their_order():
    own = state()
    expected = [0, own.random_sample(), own.random_sample(), own.uniform(2, 3), 5]
    assert drawing_from(state(), Both()).random_transform(0) == expected


def test_attributes_are_those_of_the_original():
    generator = Base()
    drawing_from(state(), generator).random_transform(0)
    drawing_from(state(), generator).random_transform(0)
    assert generator.calls == 2
    assert type(generator) is Base


def test_it_is_an_instance_of_the_original_class():
    assert isinstance(drawing_from(state(), Both()), Both)


def test_numpy_is_otherwise_itself():
    class Rounding(Base):
        def get_random_transform(self):
            return [np.round(np.pi), np.random.Generator is type(np.random.default_rng())]

    assert drawing_from(state(), Rounding()).random_transform(0) == [0, 3, True]
