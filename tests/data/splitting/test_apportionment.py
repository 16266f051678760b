import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclass.data.splitting.apportionment import apportion


@st.composite
def shares(draw):
    sizes = draw(st.dictionaries(st.text(max_size=3), st.integers(1, 500), min_size=1, max_size=20))
    lowest = {key: draw(st.integers(0, size)) for key, size in sizes.items()}
    highest = {key: draw(st.integers(lowest[key], size)) for key, size in sizes.items()}
    total = draw(st.integers(sum(lowest.values()), sum(highest.values())))
    return total, sizes, lowest, highest


@given(shares())
def test_the_total_is_shared_exactly_and_bounds_are_kept(case):
    total, sizes, lowest, highest = case
    result = apportion(total, sizes, lowest=lowest, highest=highest)
    assert sum(result.values()) == total
    assert all(lowest[key] <= result[key] <= highest[key] for key in sizes)


@given(shares())
def test_without_bounds_every_share_is_its_proportion_rounded(case):
    total, sizes, _, _ = case
    zeros = dict.fromkeys(sizes, 0)
    result = apportion(total, sizes, lowest=zeros, highest=sizes)
    weight = sum(sizes.values())
    assert all(abs(result[key] - total * size / weight) < 1 for key, size in sizes.items())


def test_a_total_out_of_bounds_is_refused():
    with pytest.raises(ValueError, match="between 2 and 3"):
        apportion(4, {"a": 2, "b": 2}, lowest={"a": 1, "b": 1}, highest={"a": 2, "b": 1})
