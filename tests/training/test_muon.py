import numpy as np
import pytest

pytestmark = pytest.mark.keras


@pytest.fixture
def step():
    """The change that one step of an optimizer makes to a variable."""
    import keras

    def make(optimizer, gradient):
        variable = keras.Variable(np.zeros_like(gradient))
        optimizer.build([variable])
        optimizer.apply([keras.ops.array(gradient)])
        return keras.ops.convert_to_numpy(variable)

    return make


def kernel(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


@pytest.mark.parametrize("shape", [(3, 3, 8, 16), (1, 1, 3, 32)], ids=["tall", "wide"])
def test_a_kernels_step_goes_equally_far_in_every_direction(step, shape):
    from imgclass.training.muon import Muon

    moved = step(Muon(0.1), kernel(*shape)).reshape(-1, shape[-1])
    lengths = np.linalg.svd(moved, compute_uv=False)
    assert lengths.max() < 2.5 * lengths.min()


@pytest.mark.parametrize("shape", [(3, 3, 8, 16), (1, 1, 3, 32)], ids=["tall", "wide"])
def test_a_filter_of_length_one_moves_by_the_learning_rate(step, shape):
    from imgclass.training.muon import Muon

    moved = step(Muon(0.1), 1000 * kernel(*shape)).reshape(-1, shape[-1])
    assert np.sqrt((moved**2).sum() / shape[-1]) == pytest.approx(0.1, rel=0.3)


@pytest.mark.parametrize("shape", [(27, 32), (32, 27), (64, 16)], ids=str)
@pytest.mark.parametrize("rank", [3, 16], ids=["low rank", "more"])
def test_the_step_is_the_gradient_after_three_newton_schulz_rounds(shape, rank):
    from imgclass.training.muon import QUINTIC, orthogonalize

    chance = np.random.default_rng(0)
    matrix = chance.normal(size=(shape[0], rank)) @ chance.normal(size=(rank, shape[1]))
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    values /= np.linalg.norm(values)
    a, b, c = QUINTIC
    for _ in range(3):
        values = a * values + b * values**3 + c * values**5
    made = np.asarray(orthogonalize(matrix.astype("float32")))
    np.testing.assert_allclose(made, (left * values) @ right, atol=1e-5)


def test_a_gradient_of_zeros_moves_no_kernel(step):
    from imgclass.training.muon import Muon

    assert not step(Muon(0.1), np.zeros((3, 3, 2, 4), "float32")).any()


def test_other_variables_take_the_steps_of_sgd(step):
    import keras

    from imgclass.training.muon import Muon

    muon = step(Muon(0.1, sgd_ratio=2.0, sgd_momentum=0.8), kernel(8))
    sgd = step(keras.optimizers.SGD(0.2, momentum=0.8, nesterov=True), kernel(8))
    np.testing.assert_allclose(muon, sgd, rtol=1e-6)


def test_kernels_keep_their_momentum(step):
    from imgclass.training.muon import Muon

    optimizer = Muon(0.1)
    step(optimizer, kernel(3, 3, 2, 4))
    first, again = optimizer.momentums[0].numpy().copy(), kernel(3, 3, 2, 4)
    np.testing.assert_allclose(first, again)
    optimizer.apply([again])
    np.testing.assert_allclose(optimizer.momentums[0].numpy(), 1.6 * again, rtol=1e-5)


def test_a_configuration_gives_the_same_optimizer():
    from imgclass.training.muon import Muon

    made = Muon(0.3, sgd_ratio=2.0, momentum=0.5, sgd_momentum=0.7, weight_decay=0.01)
    assert Muon.from_config(made.get_config()).get_config() == made.get_config()
