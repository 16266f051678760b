import numpy as np
import pytest

from imgclass.data.duplicates.neighbours import NEIGHBOURS, close_pairs


def unit(rng, n, d=20):
    vectors = rng.standard_normal((n, d)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def planted():
    """3,000 vectors, of which the last 300 are each close to one of the first 300."""
    rng = np.random.default_rng(1)
    vectors = unit(rng, 2700)
    twins = vectors[:300] + 0.05 * rng.standard_normal((300, 20)).astype(np.float32)
    return np.concatenate([vectors, twins / np.linalg.norm(twins, axis=1, keepdims=True)])


def test_planted_pairs_are_found_and_nothing_that_is_not_close(planted):
    found = close_pairs(planted, correlation=0.9)
    products = (planted[found[:, 0]] * planted[found[:, 1]]).sum(1)
    assert products.min() >= 0.9
    assert {(i, 2700 + i) for i in range(300)} <= set(map(tuple, found.tolist()))


def test_pairs_are_sorted_distinct_and_the_same_each_time(planted):
    found = close_pairs(planted, correlation=0.9)
    assert found.tolist() == [list(pair) for pair in sorted(set(map(tuple, found.tolist())))]
    assert (found[:, 0] < found[:, 1]).all()
    assert np.array_equal(found, close_pairs(planted, correlation=0.9))


def test_many_equal_vectors_do_not_make_all_their_pairs():
    vectors = np.tile(np.eye(8, dtype=np.float32)[:1], (1000, 1))
    found = close_pairs(vectors, correlation=0.9)
    assert 0 < len(found) <= NEIGHBOURS * 1000


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_vectors_make_no_pair(n):
    assert close_pairs(np.ones((n, 1), np.float32), correlation=0.9).shape == (0, 2)
