import pytest

from imgclass.training.stand_ins import standing_in


class Layer:
    def call(self, value):
        return value


def twice(layer, value):
    return 2 * Layer.call(layer, value)


def test_a_function_stands_in_for_a_method_inside_only():
    layer, other = Layer(), Layer()
    with standing_in(twice, "call", [layer]):
        assert (layer.call(3), other.call(3)) == (6, 3)
        assert type(layer) is Layer
    assert layer.call(3) == 3


def test_the_method_is_back_after_an_error():
    layer = Layer()
    with pytest.raises(KeyboardInterrupt), standing_in(twice, "call", [layer]):
        raise KeyboardInterrupt
    assert layer.call(3) == 3


def test_nested_use_changes_nothing():
    layer = Layer()
    with standing_in(twice, "call", [layer]):
        with standing_in(twice, "call", [layer]):
            assert layer.call(3) == 6
        assert layer.call(3) == 6
    assert layer.call(3) == 3
