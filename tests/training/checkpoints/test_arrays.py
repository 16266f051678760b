import numpy as np
import pytest

from imgclass.errors import CheckpointError

pytestmark = pytest.mark.keras


@pytest.fixture
def arrays():
    from imgclass.training.checkpoints import arrays

    return arrays


@pytest.fixture
def variable():
    import keras

    def make(value, dtype="float32"):
        return keras.Variable(np.asarray(value), dtype=dtype)

    return make


def test_values_come_back_under_their_group(arrays, variable):
    before = [variable([[1.0, -0.0]]), variable(7, "int32"), variable([True], "bool")]
    kept = arrays.named(before, "model")
    assert list(kept) == ["model/0", "model/1", "model/2"]
    after = [variable([[0.0, 0.0]]), variable(0, "int32"), variable([False], "bool")]
    arrays.assign(after, kept | {"optimizer/0": np.ones(9)}, "model")
    for one, other in zip(before, after, strict=True):
        assert one.numpy().tobytes() == other.numpy().tobytes()


def test_values_of_bfloat16_lose_nothing(arrays, variable):
    before, after = variable([0.1, 3e38, -0.0], "bfloat16"), variable([0, 0, 0], "bfloat16")
    kept = arrays.named([before], "g")
    assert kept["g/0"].dtype == np.float32
    arrays.assign([after], kept, "g")
    assert np.asarray(before).tobytes() == np.asarray(after).tobytes()


@pytest.mark.parametrize("shapes", [[(2,)], [(2,), (3,), (1,)], [(2,), (4,)], [(3,), (2,)]])
def test_other_shapes_are_refused_before_anything_is_changed(arrays, variable, shapes):
    variables = [variable(np.zeros(2)), variable(np.zeros(3))]
    kept = {f"model/{i}": np.ones(shape, np.float32) for i, shape in enumerate(shapes)}
    with pytest.raises(CheckpointError, match=f"Expected 2 arrays.*received {len(shapes)}"):
        arrays.assign(variables, kept, "model")
    assert not any(v.numpy().any() for v in variables)


@pytest.mark.parametrize(
    ("value", "dtype", "are"),
    [
        ([1.0, 2.0], "float32", True),
        ([1.0, np.nan], "float32", False),
        ([np.inf], "float16", False),
        ([-np.inf], "bfloat16", False),
        ([1], "int32", True),
    ],
)
def test_values_that_are_not_finite_are_noticed(arrays, variable, value, dtype, are):
    assert arrays.are_finite([variable([0.0]), variable(value, dtype)]) is are


def test_learning_rates_are_those_that_are_numbers(arrays):
    import keras

    own, kit = keras.optimizers, keras.optimizers.schedules
    assert [rate for _, rate in arrays.learning_rates(own.SGD(0.25))] == [0.25]
    wrapped = own.LossScaleOptimizer(own.SGD(0.5))
    assert [rate for _, rate in arrays.learning_rates(wrapped)] == [0.5]
    assert arrays.learning_rates(own.SGD(kit.ExponentialDecay(0.1, 5, 0.5))) == []


def test_random_states_are_recorded_with_pytorch_only(arrays):
    import keras

    kept = arrays.random_states()
    assert bool(kept) is (keras.config.backend() == "torch")
    arrays.set_random_states(kept | {"model/0": np.ones(1)})
