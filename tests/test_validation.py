import pytest

from imgclass.checks import one_of, optional
from imgclass.errors import UsageError
from imgclass.validation import checked


@pytest.mark.parametrize("value", ["cahced", "Cached", "cache"])
def test_a_misspelt_name_is_told_the_nearest_one(value):
    with pytest.raises(UsageError, match=r"Did you mean 'cached'\?$"):
        checked("pipeline", value, optional(one_of(("cached", "generator"))))


def test_a_name_unlike_all_others_gets_no_guess():
    with pytest.raises(UsageError) as caught:
        checked("pipeline", "disk", one_of(("cached", "generator")))
    assert "Did you mean" not in str(caught.value)


def test_a_value_of_a_megabyte_is_shown_shortened():
    with pytest.raises(UsageError) as caught:
        checked("pooling", "\x1b[2J" * 10**6, one_of(("avg", "max")))
    assert len(str(caught.value)) < 250
    assert "\x1b" not in str(caught.value)


def test_a_number_that_python_does_not_write_is_refused_all_the_same():
    with pytest.raises(UsageError, match="too large to show"):
        checked("pooling", 10**5000, one_of(("avg", "max")))
