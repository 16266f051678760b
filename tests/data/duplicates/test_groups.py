import pytest

from imgclass.data.duplicates.groups import components, loosened


def test_pairs_that_share_an_image_are_one_group():
    assert components([(7, 2), (2, 9), (4, 5)]) == ((2, 7, 9), (4, 5))


def test_no_pairs_make_no_groups():
    assert components([]) == ()


def test_a_long_chain_does_not_exhaust_the_stack():
    assert components((i, i + 1) for i in range(50_000)) == (tuple(range(50_001)),)


def test_a_small_group_keeps_its_loosest_pair():
    assert loosened([(0, 1, 0.1)], threshold=0.1, largest=2) == [0]


def test_a_huge_group_falls_apart_at_its_loosest_links():
    chain = [(0, 1, 0.001), (1, 2, 0.04), (2, 3, 0.001)]
    assert loosened(chain, threshold=0.05, largest=2) == [0, 2]


def test_equal_pictures_stay_together_however_many():
    chain = [(i, i + 1, 0.0) for i in range(10)]
    assert loosened(chain, threshold=0.05, largest=3) == list(range(10))


def test_bonds_count_towards_a_groups_size_and_always_hold():
    pairs = [(1, 2, 0.04)]
    assert loosened(pairs, bonds=[(0, 1), (2, 3)], threshold=0.05, largest=3) == []
    assert loosened(pairs, bonds=[(0, 1)], threshold=0.05, largest=3) == [0]


@pytest.mark.parametrize("largest", [2, 5, 20])
def test_no_group_is_larger_than_allowed_where_distances_allow_it(largest):
    pairs = [(i, i + 1, 0.001 * (i + 1)) for i in range(50)]
    kept = loosened(pairs, threshold=0.05, largest=largest)
    assert all(len(group) <= largest for group in components(pairs[i][:2] for i in kept))
