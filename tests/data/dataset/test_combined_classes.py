import pytest

from imgclass.data.dataset.combined_classes import combination_notice


@pytest.mark.parametrize("separator", [",", ";", "|", " ", "+", ", "])
def test_i3_classes_that_are_made_of_other_classes_are_named(separator):
    joined = separator.join(("cat", "dog"))
    [notice] = combination_notice(("cat", joined, "dog"))
    assert notice.startswith(f"1 class looks like several at once: {joined!r}.")


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("red car", "blue car", "red shirt", "blue shirt"), id="parts are no classes"),
        pytest.param(("cat", "dog", "cat dog", *map(str, range(9))), id="one of many"),
        pytest.param(("Quercus robur", "Quercus rubra"), id="species"),
    ],
)
def test_names_of_several_words_alone_are_no_combinations(names):
    assert list(combination_notice(names)) == []
