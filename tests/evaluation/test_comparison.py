from itertools import product

import pandas as pd
import pytest

from imgclass.errors import UsageError
from imgclass.evaluation import Comparison, compare_predictions


def table(predicted, *, label="cat", split="val", first=0):
    rows = [(f"{i}.png", split, label, guess) for i, guess in enumerate(predicted, start=first)]
    return pd.DataFrame(rows, columns=["path", "split", "label", "predicted"])


def test_images_are_counted_by_which_model_got_them_right():
    pairs = [*product(("cat", "dog"), repeat=2), ("dog", "cat")]
    first, second = (table(side) for side in zip(*pairs, strict=True))
    assert compare_predictions(first, second) == Comparison(
        both_right=1, better=2, worse=1, both_wrong=1
    )


def test_the_order_of_the_rows_does_not_matter():
    first = table(["cat", "dog", "dog"])
    found = compare_predictions(first, first.iloc[::-1])
    assert (found.both_right, found.both_wrong, found.n) == (1, 2, 3)


def test_images_that_one_model_never_saw_are_left_out_and_counted():
    found = compare_predictions(table(["cat"] * 5), table(["dog"] * 5, first=3))
    assert (found.n, found.worse, found.left_out) == (2, 2, 3)


def test_an_image_with_another_label_or_in_another_split_is_left_out():
    first = table(["cat"] * 2)
    other = pd.concat([table(["dog"], label="dog"), table(["cat"], split="train", first=1)])
    with pytest.raises(UsageError, match="none in common"):
        compare_predictions(first, other)


def test_images_of_other_names_are_matched_by_what_they_are():
    first = table(["cat", "dog"]).assign(image=["a", "b"])
    second = table(["cat", "cat"], first=7).assign(image=["b", "a"])
    assert compare_predictions(first, second).better == 1


def test_overlapping_intervals_may_hide_a_difference_that_the_pairs_show():
    comparison = Comparison(both_right=1950, better=60, worse=30, both_wrong=460)
    assert comparison.n == 2500
    assert comparison.p_value == pytest.approx(0.0022, abs=1e-4)
    assert comparison.is_significant
    low, high = comparison.interval
    assert 0 < low < comparison.difference < high


def test_a_comparison_says_it_in_one_sentence():
    assert str(Comparison(1950, 60, 30, 460)) == (
        "60 val images better, 30 worse of 2,500: +1.2 points, p = 0.002, more than luck"
    )
    assert str(Comparison(90, 1, 2, 7, split="test")) == (
        "1 test image better, 2 worse of 100: -1.0 points, p = 1.000, may be luck"
    )
    assert "p < 0.001" in repr(Comparison(900, 100, 10, 0))


def test_equal_predictions_are_luck():
    same = Comparison(both_right=90, better=0, worse=0, both_wrong=10)
    assert (same.p_value, same.difference, same.is_significant) == (1.0, 0.0, False)
